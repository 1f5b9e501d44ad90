"""Who may sign up for a class: the rules that staff compose for it, and the words they come to."""
