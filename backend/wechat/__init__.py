"""Everything said to and heard from WeChat's servers: the client, its token, message push.

Nothing here knows whether it talks to WeChat or to the stand-in in `standin/`.
"""
