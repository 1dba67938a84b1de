"""Times as milliseconds since 1970, and how each product prints them."""
import datetime

UTC = datetime.timezone.utc
MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


def ms(text):
    """`2026-08-18T12:47:31.118` or shorter, in UTC."""
    whole, _, fraction = text.rstrip('Z').partition('.')
    if len(whole) == 10:
        whole += 'T00:00:00'
    if len(whole) == 16:
        whole += ':00'
    at = datetime.datetime.fromisoformat(whole).replace(tzinfo=UTC)
    return int(at.timestamp()) * 1000 + int((fraction or '0').ljust(3, '0')[:3])


START, END = ms('2026-07-01'), ms('2026-10-01')


def moment(at):
    return datetime.datetime.fromtimestamp(at // 1000, UTC)


def iso(at, fraction=True):
    text = moment(at).strftime('%Y-%m-%dT%H:%M:%S')
    return f'{text}.{at % 1000:03d}Z' if fraction else text + 'Z'


def postgres(at, fraction=True):
    text = moment(at).strftime('%Y-%m-%d %H:%M:%S')
    return f'{text}.{at % 1000:03d} UTC' if fraction else text + ' UTC'


def syslog(at):
    t = moment(at)
    return f'{MONTHS[t.month - 1]} {t.day:2d} {t:%H:%M:%S}'


def month(at):
    return moment(at).strftime('%Y-%m')


def is_weekday(at):
    return moment(at).weekday() < 5


def days():
    """Midnight of every day of the quarter."""
    return range(START, END, DAY)


def weekdays():
    return [day for day in days() if is_weekday(day)]
