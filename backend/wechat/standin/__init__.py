"""A stand-in of WeChat's servers for the demo, the tests and load drivers; never for production.

It speaks the protocol of api.weixin.qq.com, takes text messages as an SMS provider would, keeps
everything in memory, and shows each "phone" with the messages that would have arrived. It is an
application of its own, in a process of its own: nothing of the product is imported here but the
limits and the ciphers of the protocol.
"""
