"""Which hosts do crawled pages link to, and how central is each?"""
