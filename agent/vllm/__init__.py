"""How are 32B weights served to the agent?

    weights.py   the published shape of the models we have a recipe for
    memory.py    what they and their cache take of a GPU
    gpus.py      which GPUs there are, and which may be used
    recipe.py    the argument list of vLLM
    starting.py  start it and wait until it answers

vLLM is not a dependency: it is started as a program of its own environment.
"""
