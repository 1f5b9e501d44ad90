"""Nobody answers (关爱核实): an absence is announced, or somebody is looked for until found."""
