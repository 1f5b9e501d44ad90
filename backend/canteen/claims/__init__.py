"""What the layers are asked for: meals that were really eaten, once each, in frozen claims."""
