"""The ten questions: their text in our language, in SQL, and what makes two answers the same.

Answers are compared by what tokens do not touch: a row by its time and event id, a histogram by its counts, the top list by its counts,
the weekly report by week and number of tenants.
"""
import hashlib
import json

from workload import SINCE, UNTIL

HOUR_FROM, HOUR_TO = '2026-08-14T09:00:00Z', '2026-08-14T10:00:00Z'
PREFIX, TOP_ACTION = 'iam.', 'data.record.update'


class Question:
    """`kind` says how an answer looks: rows, histogram, top, weeks, export."""

    def __init__(self, name, title, kind, ours, where=None, needle=None):
        self.name, self.title, self.kind, self.ours, self.where, self.needle = name, title, kind, ours, where, needle

    def sql(self, d, facts):
        """In the dialect `d` of a peer; identities are already its tokens there."""
        v, period = facts['values'], f"time >= {d.moment(SINCE + 'T00:00:00Z')} and time < {d.moment(UNTIL + 'T00:00:00Z')}"
        if self.kind in ('rows', 'export'):
            where = self.where.format(**{**v, 'actor': d.identity(v['actor']), 'address': d.identity(v['address'])}, period=period, prefix=PREFIX,
                                      hour=f'time >= {d.moment(HOUR_FROM)} and time < {d.moment(HOUR_TO)}')
            return f'select * from events where {where} order by time'
        if self.kind == 'histogram':
            return f"select {d.bucket('hour')} as hour, outcome, count(*) as n from events group by 1, 2 order by 1, 2"
        if self.kind == 'top':
            return f"select actor_email, count(*) as n from events where action = '{TOP_ACTION}' group by 1 order by 2 desc limit 20"
        return f"select actor_email, {d.bucket('week')} as week, count(distinct tenant) as n from events where tenant <> '' group by 1, 2"

    def text(self, facts):
        return self.ours.format(**facts['values'], since=SINCE, until=UNTIL, hour_from=HOUR_FROM, hour_to=HOUR_TO, prefix=PREFIX, action=TOP_ACTION)


QUESTIONS = [
    Question('actor', 'one actor over a quarter', 'rows', 'actor:{actor} since:{since} until:{until}', "actor_email = {actor} and {period}", 'actor'),
    Question('address', 'one IP', 'rows', 'ip:{address}', 'ip = {address}', 'address'),
    Question('hour', 'an hour and an action prefix', 'rows', 'action:{prefix}* since:{hour_from} until:{hour_to}', "{hour} and action like '{prefix}%'"),
    Question('histogram', 'histogram by hour and outcome', 'histogram', '| histogram 1h by outcome'),
    Question('top', 'top 20 actors for an action', 'top', 'action:{action} | top 20 actor.email'),
    Question('text', 'substring in message', 'rows', 'message:*{text}*', "message like '%{text}%'", 'text'),
    Question('correlation', 'everything with one correlation id', 'rows', 'correlation:{correlation}', "correlation = '{correlation}'", 'correlation'),
    Question('event', 'one event by id with all fields', 'rows', 'event_id:{event}', "event_id = '{event}'", 'event'),
    Question('weeks', 'distinct tenants touched by an actor per week', 'weeks', 'tenant:* | distinct tenant by actor.email, 1w'),
    Question('export', 'all rows of a tenant for a quarter as JSON lines', 'export', 'tenant:{tenant} since:{since} until:{until}', "tenant = '{tenant}' and {period}", 'tenant'),
]


def digest(items):
    """Rows found and a hash over them in a fixed order."""
    listed = sorted(json.dumps(item) for item in items)
    return {'rows': len(listed), 'hash': hashlib.sha256('\n'.join(listed).encode()).hexdigest()[:16]}
