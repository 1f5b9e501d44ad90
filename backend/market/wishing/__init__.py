"""The wish list: which services residents would like in their estate."""
