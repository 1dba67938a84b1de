"""What the figures are held against: bar and aim for each, as ratios to a peer of the same run or as absolute limits."""

#: question: (least ratio of the fastest peer's time to ours, what is aimed at), warm, at 10 M events
WARM = {
    'actor': (5, 16), 'address': (5, 16), 'correlation': (4, 18), 'event': (4, 18), 'histogram': (3, 10), 'top': (2, 6), 'weeks': (4, 9), 'text': (1.5, 6), 'hour': (1, 1), 'export': (2, 4)}

NEEDLES = ('actor', 'address', 'correlation', 'event')

#: a needle from a cold process: (events up to, bar in ms, aim in ms)
COLD = ((3_000_000, 30, 15), (float('inf'), 60, 30))

INGEST_CPU = (2, 3)      # events per CPU second, times DuckDB -> Parquet
INGEST_WALL = (2, 3)     # events per second, times the fastest peer
TWO_CORES = (1.7, 1.7)   # wall with one thread over wall with two
PEAK_MB = (500, 256)
STORE_BYTES = (50, 42)   # segments and index, per event
#: MB of a log per CPU second, to minimized events
PARSING = {'okta': (400, 600), 'csvlog': (200, 300), 'csv export': (200, 300), 'syslog': (200, 300)}
DEFINITIONS_MS = (50, 25) # all of them loaded
LINEAR = 1.15            # CPU an event at ten times the events, over before
NEEDLE_GROWTH = 2        # latency at ten times the events, over before


def verdict(value, bar, aim, least=True):
    """`met`, `aim met` or `NOT MET`."""
    if value is None:
        return 'not measured'
    reached = (lambda limit: value >= limit) if least else (lambda limit: value <= limit)
    return 'aim met' if reached(aim) else 'met' if reached(bar) else 'NOT MET'
