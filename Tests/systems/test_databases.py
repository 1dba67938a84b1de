"""PostgreSQL with pgAudit in its three log formats, and MariaDB with its audit plugin."""
import os
import pathlib

import pytest
from conftest import PASSWORDS, SRV, listens, run, wait_for

POSTGRES = pathlib.Path('/usr/lib/postgresql/15/bin')
PORT = 5544
CONF = '''
listen_addresses = '*'
port = {port}
unix_socket_directories = '{folder}'
shared_preload_libraries = 'pgaudit'
pgaudit.log = 'read, write, ddl, role, function'
pgaudit.log_relation = on
pgaudit.log_parameter = on
pgaudit.role = 'auditor'
log_destination = 'stderr,csvlog,jsonlog'
logging_collector = on
log_directory = '{folder}/log'
log_filename = 'postgresql.log'
log_connections = on
log_disconnections = on
log_error_verbosity = verbose
log_timezone = 'Europe/Berlin'
log_line_prefix = '%m [%p] %q%u@%d '
password_encryption = 'scram-sha-256'
'''
HBA = '''
local all postgres trust
host all jonas 0.0.0.0/0 reject
host all all 0.0.0.0/0 scram-sha-256
host all all ::0/0 scram-sha-256
'''
# What Debian sets, what pgBadger asks for, what the cloud's PostgreSQL sets.
PREFIXES = {'debian': '%m [%p] %q%u@%d ', 'pgbadger': '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ', 'rds': '%t:%r:%u@%d:[%p]:'}


def postgres_deeds(system, prefix):
    def deed(name):
        return system.deed(f'{name} ({prefix})')

    def sql(text, user='maria', address='127.0.0.1', database='ledger', password=None, check=True):
        return run('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', address, '-p', PORT, '-U', user, '-d', database, '-c', text, check=check,
                   env=os.environ | {'PGPASSWORD': password or PASSWORDS.get(user, ''), 'PGAPPNAME': 'close books', 'PGSSLMODE': 'disable'})
    with deed('maria signs in and reads'):
        sql('select amount from salaries where person = 7', address='198.51.100.7')
    with deed('maria changes a row'):
        sql('update salaries set amount = 1 where person = 7')
    with deed('maria exports a table'):
        sql('copy salaries to stdout')
    with deed('maria makes a table'):
        sql(f'create table extra_{prefix} (id int)')
    with deed('maria grants'):
        sql(f'grant select on extra_{prefix} to ines')
    with deed('maria drops a table'):
        sql(f'drop table extra_{prefix}')
    with deed('maria makes a role'):
        sql(f"create role clerk_{prefix} login password 'Secret-9x'")
    with deed('maria runs a function'):
        sql('select close_books(2026)')
    with deed('maria runs a block'):
        sql('do $$ begin perform 1; end $$')
    with deed('ines is denied'):
        assert sql('select * from salaries', user='ines', check=False).returncode
    with deed('ines asks for what is not there'):
        assert sql('select * from nothing_here', user='ines', check=False).returncode
    with deed('tomas gives a wrong password'):
        assert sql('select 1', user='tomas', password='wrong', check=False).returncode
    with deed('an unknown role tries'):
        assert sql('select 1', user='mallory', password='x', check=False).returncode
    with deed('jonas is rejected'):
        assert sql('select 1', user='jonas', check=False).returncode
    with deed('maria asks for a database that is not there'):
        assert sql('select 1', database='nowhere', check=False).returncode


@pytest.fixture(scope='module')
def postgres(system, people):
    system = system('postgresql', POSTGRES / 'initdb', '/usr/lib/postgresql/15/lib/pgaudit.so', 'psql')
    system.own('postgres')
    data = system.folder / 'data'
    run('runuser', '-u', 'postgres', '--', POSTGRES / 'initdb', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8', data, cwd='/')
    with open(data / 'postgresql.conf', 'a') as file:
        file.write(CONF.format(port=PORT, folder=system.folder))
    (data / 'pg_hba.conf').write_text(HBA)
    server = system.serve('runuser', '-u', 'postgres', '--', POSTGRES / 'postgres', '-D', data, cwd='/')

    def admin(text, database='postgres'):
        return run('runuser', '-u', 'postgres', '--', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', system.folder, '-p', PORT, '-d', database, '-c', text, cwd='/')
    try:
        wait_for(lambda: listens(PORT) and admin('select 1'))
        admin('create database ledger')
        admin('create role auditor')
        for name in ('maria', 'tomas', 'ines', 'jonas'):
            admin(f"create role {name} login {'createrole' if name == 'maria' else ''} password '{PASSWORDS[name]}'")
        admin('create extension pgaudit; create table salaries (person int, amount int); insert into salaries values (7, 4000);'
              'alter table salaries owner to maria; grant create on schema public to maria;'
              "create function close_books(year int) returns int language sql as 'select year'", 'ledger')
        for prefix, text in PREFIXES.items():
            admin(f"alter system set log_line_prefix = '{text}'")
            admin('select pg_reload_conf()')
            wait_for(lambda: admin('show log_line_prefix').stdout and text in admin('show log_line_prefix').stdout)
            postgres_deeds(system, prefix)
    finally:
        system.close()
    logs = system.folder / 'log'
    system.ingest('postgresql', logs / 'postgresql.csv', source='postgresql-csvlog')
    system.ingest('postgresql', logs / 'postgresql.json', source='postgresql-jsonlog')
    system.ingest('postgresql', logs / 'postgresql.log', source='postgresql-stderr')
    return system


POSTGRES_EXPECTED = {
    'maria signs in and reads': [
        dict(action='db.connection.open', ip='198.51.100.7'),
        dict(action='db.connection.authenticate', actor='maria', target='ledger', outcome='success'),
        dict(action='db.statement.read', actor='maria', target='public.salaries', surface='database'),
        dict(action='db.connection.close', actor='maria', ip='198.51.100.7')],
    'maria changes a row': [dict(action='db.statement.write', actor='maria', target='public.salaries')],
    'maria exports a table': [dict(action='db.statement.read', actor='maria', target='public.salaries', message='*copy*')],
    'maria makes a table': [dict(action='db.statement.define', actor='maria', target='public.extra_{prefix}', source_action='CREATE TABLE')],
    'maria grants': [dict(action='db.role.change', actor='maria', source_action='GRANT')],
    'maria drops a table': [dict(action='db.statement.define', actor='maria', target='public.extra_{prefix}', source_action='DROP TABLE')],
    'maria makes a role': [dict(action='db.role.change', actor='maria', source_action='CREATE ROLE')],
    'maria runs a function': [dict(action='db.statement.read', actor='maria', message='*close_books*')],
    'maria runs a block': [dict(action='db.statement.execute', actor='maria', source_action='DO')],
    'ines is denied': [dict(action='db.error.raise', actor='ines', target='salaries', outcome='denied')],
    'ines asks for what is not there': [dict(action='db.error.raise', actor='ines', outcome='failure')],
    'tomas gives a wrong password': [dict(action='db.connection.authenticate', actor='tomas', outcome='failure')],
    'an unknown role tries': [dict(action='db.connection.authenticate', actor='mallory', outcome='failure')],
    'jonas is rejected': [dict(action='db.connection.authenticate', actor='jonas', outcome='denied')],
    'maria asks for a database that is not there': [dict(action='db.connection.authenticate', actor='maria', outcome='failure', target='nowhere')],
}


@pytest.mark.parametrize('prefix', PREFIXES)
@pytest.mark.parametrize('form', ['csvlog', 'jsonlog', 'stderr'])
@pytest.mark.parametrize('deed', POSTGRES_EXPECTED)
def test_postgresql(postgres, deed, form, prefix):
    seconds = form == 'stderr' and prefix != 'debian'
    for event in POSTGRES_EXPECTED[deed]:
        terms = {name: value.replace('{prefix}', prefix) for name, value in event.items()}
        postgres.find(f'{deed} ({prefix})', [f'postgresql-{form}'], seconds=seconds, **terms)


def test_no_password_of_a_role_comes_in(postgres):
    assert not postgres.timeline.query('"Secret-9x"')


MARIADB = '''
[mariadbd]
datadir={folder}/data
socket={folder}/socket
pid-file={folder}/pid
port=3344
skip-name-resolve
bind-address=127.0.0.1
plugin_load_add=server_audit
server_audit_logging=ON
server_audit_events=CONNECT,QUERY,TABLE
server_audit_file_path={folder}/server_audit.log
innodb_buffer_pool_size=16M
innodb_flush_log_at_trx_commit=0
default_time_zone=SYSTEM
'''


@pytest.fixture(scope='module')
def mariadb(system, people):
    system = system('mariadb', 'mariadbd', 'mariadb-install-db', 'mariadb', '/usr/lib/mysql/plugin/server_audit.so')
    config = system.folder / 'my.cnf'
    config.write_text(MARIADB.format(folder=system.folder))
    system.own('mysql')
    run('mariadb-install-db', f'--defaults-file={config}', '--user=mysql', '--skip-test-db', '--auth-root-authentication-method=normal')
    system.serve('mariadbd', f'--defaults-file={config}', '--user=mysql')

    def sql(text, user='maria', password=None, database='ledger', check=True):
        return run('mariadb', '--no-defaults', '--protocol=tcp', '-h', '127.0.0.1', '-P', '3344', '-u', user, f'-p{password or PASSWORDS.get(user, "x")}', database, '-e', text, check=check)

    def admin(text):
        return run('mariadb', '--no-defaults', '-S', system.folder / 'socket', '-u', 'root', '-e', text)
    deed = system.deed
    try:
        wait_for(lambda: admin('select 1'))
        admin('create database ledger; create table ledger.salaries (person int, amount int); insert into ledger.salaries values (7, 4000)')
        for name in ('maria', 'tomas', 'ines'):
            admin(f"create user {name}@'%' identified by '{PASSWORDS[name]}'")
        admin("grant all on *.* to maria@'%' with grant option; grant usage on ledger.* to ines@'%'; grant create on ledger.* to ines@'%'")
        with deed('maria signs in and reads'):
            sql('select amount from salaries')
        with deed('maria changes a row'):
            sql('update salaries set amount = 1 where person = 7')
        with deed('maria makes a table'):
            sql('create table extra (id int)')
        with deed('maria drops a table'):
            sql('drop table extra')
        with deed('maria makes an account'):
            sql("create user petra@'%' identified by 'Secret-9x'")
        with deed('maria grants'):
            sql("grant select on ledger.* to petra@'%'")
        with deed('maria drops an account'):
            sql("drop user petra@'%'")
        with deed('ines is denied'):
            assert sql('select * from salaries', user='ines', check=False).returncode
        with deed('tomas gives a wrong password'):
            assert sql('select 1', user='tomas', password='wrong', check=False).returncode
        with deed('an unknown user tries'):
            assert sql('select 1', user='mallory', check=False).returncode
        with deed('maria makes a mistake'):
            assert sql('selekt 1', check=False).returncode
        with deed('maria changes her password'):
            sql("set password = password('Secret-8y')")
    finally:
        system.close()
    system.ingest('mysql_audit', system.folder / 'server_audit.log')
    return system


MARIADB_EXPECTED = {
    'maria signs in and reads': [
        dict(action='db.connection.authenticate', actor='maria', outcome='success', target='ledger', source_action='CONNECT'),
        dict(action='db.statement.read', actor='maria', target='ledger.salaries', source_action='READ'),
        dict(action='db.statement.read', actor='maria', outcome='success', source_action='QUERY'),
        dict(action='db.connection.close', actor='maria')],
    'maria changes a row': [dict(action='db.statement.write', actor='maria', target='ledger.salaries', source_action='WRITE')],
    'maria makes a table': [dict(action='db.statement.define', actor='maria', target='ledger.extra')],
    'maria drops a table': [dict(action='db.object.delete', actor='maria', target='ledger.extra')],
    'maria makes an account': [dict(action='iam.account.create', actor='maria', outcome='success', source_action='QUERY')],
    'maria grants': [dict(action='db.role.change', actor='maria', outcome='success')],
    'maria drops an account': [dict(action='iam.account.delete', actor='maria', outcome='success')],
    'ines is denied': [dict(action='db.statement.read', actor='ines', outcome='denied')],
    'tomas gives a wrong password': [dict(action='db.connection.authenticate', actor='tomas', outcome='denied', ip='127.0.0.1')],
    'an unknown user tries': [dict(action='db.connection.authenticate', actor='mallory', outcome='denied')],
    'maria makes a mistake': [dict(actor='maria', outcome='failure')],
    'maria changes her password': [dict(action='iam.password.change', actor='maria', outcome='success')],
}


@pytest.mark.parametrize('deed', MARIADB_EXPECTED)
def test_mariadb(mariadb, deed):
    for event in MARIADB_EXPECTED[deed]:
        mariadb.find(deed, seconds=True, **event)


def test_no_password_of_mariadb_comes_in(mariadb):
    assert not mariadb.timeline.query('"Secret-9x"') and not mariadb.timeline.query('"Secret-8y"')
