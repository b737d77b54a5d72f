"""How do several processes answer on one port?

- ports       one gRPC port and one listening HTTP socket that they share
- supervisor  starts the workers, starts again what died, drains and reloads them all
- slot        one worker's place: its process, its line, its lives
- line        what a worker and its supervisor say to each other
- order       what the supervisor wants of a worker
- worker      what such a process does
- company     what a worker asks of the others

The supervisor opens no index and answers nothing: whatever breaks a search breaks one worker. A worker whose supervisor is gone
drains and ends.
"""
