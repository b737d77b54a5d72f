"""What does the agent cost, and what becomes of its runs?

loop      milliseconds a step; tokens with and without summary-aware storage and patch
endpoint  a scripted researcher of sixty steps and its judge, behind an endpoint
altered   which altered sentences could a judge that believes everything still call supported?
runs      three complete runs on a real index behind a real server
"""
