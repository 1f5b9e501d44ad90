"""Certificates (结业证书): who has earned one, the paper, and how anyone checks its code."""
