"""Who works at Tallyharbor, who its customers are, and from where they come."""
from . import when
from .dice import Dice

DOMAIN = 'tallyharbor.example.com'
OFFICE = ['203.0.113.10', '203.0.113.11', '203.0.113.12']
BROWSERS = [
    ('CHROME', 'Mac OS X', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36'),
    ('CHROME', 'Windows 10', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36'),
    ('FIREFOX', 'Mac OS X', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0'),
    ('SAFARI', 'Mac OS X', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15'),
    ('EDGE', 'Windows 10', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0'),
]
# name, department, title, start and end where inside the quarter
STAFF = '''
Aurelie Fontanel|Leadership|Chief Executive
Henrik Soelberg|Leadership|Chief Technology Officer
Wanjiru Kamathi|Support|Head of Support
Priya Ramanathan|Support|Senior Support Engineer
Callum Pritchard|Support|Support Engineer
Ewelina Zawadzka|Support|Support Engineer
Mateus Figueira|Support|Support Engineer
Soraya Haddadin|Support|Support Engineer
Jonas Brandvold|Support|Support Engineer
Ottilie Kranzler|Support|Support Engineer
Kofi Amankwah|Support|Support Engineer
Tobias Lindqvist|Engineering|Software Engineer
Mirela Stanciu|Engineering|Engineering Manager
Deniz Karaoglu|Engineering|Software Engineer
Hannah Oberlander|Engineering|Software Engineer
Luca Bernardini|Engineering|Software Engineer
Yuki Tanizawa|Engineering|Software Engineer
Gareth Llewelyn|Engineering|Staff Engineer
Nadia Benkirane|Engineering|Software Engineer
Sven Torkelsen|Engineering|Software Engineer
Amara Okonjo|Engineering|Software Engineer
Rafael Quintero|Engineering|Software Engineer
Freya Halvorsen|Engineering|Software Engineer
Piotr Wisniewski|Engineering|Software Engineer
Tamsin Gallagher|Engineering|Software Engineer
Anouk Verhoeven|Platform|Site Reliability Engineer
Dmitri Volkonsky|Platform|Site Reliability Engineer
Noor Rahimzadeh|Platform|Site Reliability Engineer
Bastien Charpentier|Platform|Platform Lead
Keiko Murasaki|Platform|Database Engineer
Ilse Vandermeer|Security|Security Lead
Omar Shadid-Khalil|Security|Security Engineer
Beatriz Monforte|Sales|Account Executive
Declan Whelehan|Sales|Account Executive
Marguerite Dubreuil|Sales|Head of Sales
Zoltan Kerekes|Sales|Account Executive
Isolde Ravensburg|Finance|Controller
Thandiwe Mbekwa|Finance|Accountant
Leopold Anzinger|Finance|Accountant
Rosalind Thackeray|People|Head of People
Cosmin Radulescu|People|People Partner
Elif Demirkan|Engineering|Software Engineer
Viktor Nyquist|Support|Support Engineer
Saoirse McGettigan|Sales|Account Executive
Arjun Venkataraman|Engineering|Software Engineer
Petronella Huizinga|Finance|Accountant
Ludmila Cherenkova|Platform|Site Reliability Engineer
'''
# The last six rows join in the quarter.
JOINERS = {'Elif Demirkan': '2026-07-13T08:00', 'Viktor Nyquist': '2026-08-03T08:00', 'Saoirse McGettigan': '2026-08-17T08:00',
           'Arjun Venkataraman': '2026-09-01T08:00', 'Petronella Huizinga': '2026-09-07T08:00', 'Ludmila Cherenkova': '2026-09-14T08:00'}
# end of employment, then per system the moment access was taken away (absent: the person has no account there; '': never)
LEAVERS = {
    'Zoltan Kerekes': ('2026-07-10T16:00', {'okta': '2026-07-10T16:04:12'}),
    'Deniz Karaoglu': ('2026-07-17T15:00', {'okta': '2026-07-17T15:31:40', 'github': '2026-07-17T15:34:02'}),
    'Tobias Lindqvist': ('2026-07-31T16:00', {'okta': '2026-08-03T17:40:26', 'github': '2026-07-31T16:22:51', 'linux': '2026-07-31T16:35:07'}),
    'Ottilie Kranzler': ('2026-08-14T16:00', {'okta': '2026-08-14T15:12:33'}),
    'Sven Torkelsen': ('2026-08-28T15:30', {'okta': '2026-08-28T15:41:09', 'github': '2026-08-29T09:05:44'}),
    'Anouk Verhoeven': ('2026-08-31T16:00', {'okta': '2026-08-31T16:02:55', 'github': '2026-08-31T16:09:21', 'linux': ''}),
    'Beatriz Monforte': ('2026-09-04T16:00', {'okta': '2026-09-05T15:10:18'}),
    'Rafael Quintero': ('2026-09-11T16:00', {'okta': '2026-09-11T16:27:36', 'github': '2026-09-11T16:30:10', 'linux': '2026-09-11T16:33:48'}),
    'Leopold Anzinger': ('2026-09-25T15:00', {'okta': '2026-09-25T15:22:01'}),
    'Tamsin Gallagher': ('2026-09-30T16:00', {'okta': '2026-09-30T16:06:47', 'github': '2026-09-30T16:11:30'}),
}
MOVERS = [('Kofi Amankwah', '2026-07-20T08:00', 'Engineering', 'Software Engineer'), ('Nadia Benkirane', '2026-08-10T08:00', 'Platform', 'Site Reliability Engineer'),
          ('Jonas Brandvold', '2026-09-01T08:00', 'Sales', 'Account Executive'), ('Omar Shadid-Khalil', '2026-09-21T08:00', 'Platform', 'Site Reliability Engineer')]
# on bastion-1 and in psql
SHELL = ['Anouk Verhoeven', 'Dmitri Volkonsky', 'Noor Rahimzadeh', 'Bastien Charpentier', 'Keiko Murasaki', 'Tobias Lindqvist', 'Rafael Quintero',
         'Gareth Llewelyn', 'Ludmila Cherenkova']
DATABASE = ['Keiko Murasaki', 'Bastien Charpentier', 'Noor Rahimzadeh', 'Dmitri Volkonsky']


class Person:
    """One of the staff, with the login of every system."""

    def __init__(self, index, row):
        dice = Dice(f'person/{row}')
        self.name, self.department, self.title = row.split('|')
        first, last = self.name.lower().split(' ', 1)
        last = last.replace('-', '').replace(' ', '')
        self.employee_id = f'E{1001 + index}'
        self.email = f'{first}.{last}@{DOMAIN}'
        self.okta_id = '00u' + dice.text(14) + '5d7'
        technical = self.department in ('Engineering', 'Platform', 'Security')
        self.github = f'{first[0]}{last}-th' if technical else None
        self.github_id = int(dice.digits(8))
        self.linux = f'{first[0]}{last}' if self.name in SHELL else None
        self.uid = 1001 + SHELL.index(self.name) if self.linux else None
        self.key = dice.base64(32).rstrip('=')
        self.database = f'{first[0]}_{last}' if self.name in DATABASE else None
        self.browser = dice.pick(BROWSERS)
        self.home = f'203.0.113.{100 + index * 3}' if index % 4 else f'2001:db8:4c1:{0x10 + index:x}::{dice.between(16, 200):x}'
        self.start = when.ms(JOINERS[self.name]) if self.name in JOINERS else 0
        self.end = when.ms(LEAVERS[self.name][0]) if self.name in LEAVERS else when.END * 2

    def works(self, at):
        return self.start <= at < self.end

    def department_at(self, at):
        """Movers change department at their date."""
        moves = [to for name, when_moved, to, _ in MOVERS if name == self.name and at >= when.ms(when_moved)]
        return moves[-1] if moves else self.department

    def address(self, dice):
        return dice.pick(OFFICE) if dice.chance(0.7) else self.home


PEOPLE = [Person(i, row) for i, row in enumerate(STAFF.strip().splitlines())]
BY_NAME = {p.name: p for p in PEOPLE}


def person(name):
    return BY_NAME[name]


def manager(member):
    heads = {'Support': 'Wanjiru Kamathi', 'Engineering': 'Mirela Stanciu', 'Platform': 'Bastien Charpentier', 'Security': 'Henrik Soelberg',
             'Sales': 'Marguerite Dubreuil', 'Finance': 'Aurelie Fontanel', 'People': 'Aurelie Fontanel', 'Leadership': 'Aurelie Fontanel'}
    head = person(heads[member.department])
    return head if head is not member else person('Aurelie Fontanel')


def at_work(department, at):
    return [p for p in PEOPLE if p.department_at(at) == department and p.works(at)]


class Customer:
    """A tenant and the people who use it."""

    def __init__(self, index, name, users):
        dice = Dice(f'tenant/{name}')
        self.slug = name.split()[0].lower()
        self.id, self.name = f'ten_{self.slug}', name
        self.users = []
        for n, user in enumerate(users):
            address = f'192.0.2.{60 + index * 10 + n}' if (index + n) % 3 else f'2001:db8:{0xa00 + index:x}:{n + 1}::{dice.between(16, 240):x}'
            self.users.append({'id': 'u_' + dice.text(12, 'abcdefghjkmnpqrstuvwxyz23456789'), 'email': f'{user.lower().replace(" ", ".")}@{self.slug}.example.org',
                               'name': user, 'ip': address, 'agent': dice.pick(BROWSERS)[2], 'session': 'ps_' + dice.text(20)})


TENANTS = [Customer(i, name, users) for i, (name, users) in enumerate([
    ('Brightmoor Clinics', ['Dana Whitcombe', 'Ruaridh Colquhoun', 'Maribel Etxeberria', 'Oskar Lindholm']),
    ('Larkfield Interiors', ['Carol Jennaway', 'Stefan Groenewald', 'Ines Valadares']),
    ('Osterholm Freight', ['Birgit Osterholm', 'Magnus Rydberg', 'Ylva Stenmark']),
    ('Pinecroft Dental', ['Adaeze Nwachukwu', 'Graham Tolliver']),
    ('Quillstone Press', ['Lavinia Quillstone', 'Edmund Farrier', 'Paloma Arrieta']),
    ('Redfern Brewing', ['Angus Redfern', 'Shreya Kulkarni']),
    ('Saltmarsh Hotels', ['Giulia Santarelli', 'Benedikt Aumann', 'Chiara Lombardini']),
    ('Thornbury Schools', ['Winifred Thornbury', 'Ibrahim Ouedraogo']),
    ('Umberleigh Farms', ['Rowan Umberleigh', 'Jacinta Pellegrino']),
    ('Vantage Optics', ['Kwabena Asantewaa', 'Mireille Castagnier', 'Hugo Steinfeld']),
    ('Wexcombe Legal', ['Philippa Wexcombe', 'Tarquin Applegarth']),
    ('Yarrow Logistics', ['Fenella Yarrow', 'Dragomir Petkovic', 'Luzia Brandao']),
])]
TENANT = {t.slug: t for t in TENANTS}


def identities(quarter):
    """Every identity of staff and customers' users: none may be readable in the store."""
    for p in PEOPLE:
        for kind, value in (('email', p.email), ('name', p.name), ('github_login', p.github), ('linux_login', p.linux), ('database_role', p.database),
                            ('okta_id', p.okta_id), ('ip', p.home)):
            if value:
                quarter.identity(kind, value)
    for t in TENANTS:
        for user in t.users:
            quarter.identity('email', user['email'])
            quarter.identity('name', user['name'])
            quarter.identity('user_id', user['id'])
            quarter.identity('ip', user['ip'])
    for address in OFFICE:
        quarter.identity('ip', address)
