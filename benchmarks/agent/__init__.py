"""What does the agent cost, and what becomes of its runs?

loop      milliseconds a step; tokens with and without summary-aware storage and patch
endpoint  a scripted researcher of sixty steps and its judge, behind an endpoint
runs      three complete runs on a real index behind a real server
"""
