"""What stands between a request and a model: each policy wraps a Send and gives one back.

They are put together in `gateway/gateway.py`, in one order, and nowhere else.
"""
