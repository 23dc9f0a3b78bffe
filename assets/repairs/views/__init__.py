"""The pages of repairs: for the staff (`pages`), each step (`steps`), for guests (`guests`), and figures."""
