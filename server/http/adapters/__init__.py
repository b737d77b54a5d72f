"""Which shapes do clients of other search services speak?

    step           POST /v1/search                          Bearer
    searxng        GET  /search?q=&format=json, /?q=&format=json, /searxng/search
    tavily         POST /search {"query"}, /extract, /tavily/...
    gpt_researcher GET  /search?query=, /gpt-researcher/search
    serper         POST /search {"q"}, /serper/search       X-API-KEY
    brave          GET  /res/v1/web/search, /brave/search   X-Subscription-Token
    exa            POST /exa/search, /exa/contents                 X-API-KEY
    search_r1      POST /retrieve, /access

Each file is one shape: its parameters, its answer, nothing else. What all of them take from a hit is in `hits`, what they ask of
dates in `dates`.
"""
