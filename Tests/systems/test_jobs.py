"""Celery with Redis and with RabbitMQ, Sidekiq, Supervisor, Dagster, Airflow and django-auditlog: jobs whose ids are followed from log to log."""
import datetime
import json
import os
import pathlib
import sqlite3
import sys
import time

import pytest
from conftest import ZONE, listens, run, wait_for

CELERY = '''
import os, time
from celery import Celery
app = Celery('ledger', broker=os.environ['BROKER'], backend=os.environ.get('BACKEND') or 'cache+memory://')
app.conf.update(timezone='Europe/Berlin', worker_send_task_events=True, task_send_sent_event=True, broker_connection_retry_on_startup=True, worker_cancel_long_running_tasks_on_connection_loss=False,
                beat_schedule={'close every second': {'task': 'ledger.close', 'schedule': 1.0, 'args': (1,)}})
@app.task(name='ledger.close')
def close(person): return 'closed'
@app.task(name='ledger.fail')
def fail(person): raise ValueError('no such account')
@app.task(name='ledger.retry', bind=True, max_retries=1)
def retry(self, person):
    raise self.retry(countdown=0, exc=RuntimeError('bank is closed'))
'''
CAPTURE = '''
import json, os, sys
from ledger import app
out = open(sys.argv[1], 'w', buffering=1)
with app.connection() as connection:
    app.events.Receiver(connection, handlers={'*': lambda event: out.write(json.dumps(event, default=str) + '\\n')}).capture(limit=None, timeout=None, wakeup=False)
'''
TASKS = ('close', 'fail', 'retry', 'revoked')


def celery_deeds(system, broker, backend):
    env = os.environ | {'BROKER': broker, 'BACKEND': backend, 'PYTHONPATH': str(system.folder), 'TZ': ZONE, 'C_FORCE_ROOT': '1'}
    celery = [sys.executable, '-m', 'celery', '-A', 'ledger']
    (system.folder / 'ledger.py').write_text(CELERY)
    (system.folder / 'capture.py').write_text(CAPTURE)
    events, log, beat = (system.folder / name for name in ('events.json', 'worker.log', 'beat.log'))
    system.serve(*celery, 'events', '--dump', env=env | {'PYTHONUNBUFFERED': '1'}, cwd=system.folder)
    dump = system.folder / f'server-{len(system.servers) - 1}.out'
    system.serve(sys.executable, 'capture.py', events, env=env, cwd=system.folder)
    worker = system.serve(*celery, 'worker', '--loglevel=INFO', f'--logfile={log}', '--concurrency=1', '-E', '--hostname=books@bastion', env=env, cwd=system.folder)
    wait_for(lambda: 'ready.' in log.read_text(), 90)
    wait_for(lambda: 'heartbeat' in events.read_text() and 'heartbeat' in dump.read_text(), 60)

    def call(task, *options):
        return run(*celery, 'call', task, '--args=[4711]', *options, env=env, cwd=system.folder).stdout.strip().splitlines()[-1]
    ids = system.ids = {}
    with system.deed('jobs are done'):
        ids['revoked'] = call('ledger.close', '--countdown=6')
        run(sys.executable, '-c', f"from ledger import app; app.control.revoke('{ids['revoked']}')", env=env, cwd=system.folder)
        ids['close'], ids['fail'], ids['retry'] = call('ledger.close'), call('ledger.fail'), call('ledger.retry')
        ids['unknown'] = call('ledger.nothing')
        wait_for(lambda: all(word in log.read_text() for word in ('succeeded in', 'no such account', 'Retry', 'Discarding revoked', 'unregistered', 'bank is closed')), 90)
        scheduler = system.serve(*celery, 'beat', '--loglevel=INFO', f'--logfile={beat}', '--schedule', system.folder / 'schedule', env=env, cwd=system.folder)
        wait_for(lambda: 'Sending due task' in beat.read_text(), 60)
        system.stop(scheduler)
        system.stop(worker)
        time.sleep(1)
    system.close()
    for form, path in (('log', log), ('events', events), ('dump', dump), ('beat', beat)):
        system.ingest('celery', path, source=f'{system.name}-{form}')


@pytest.fixture(scope='module')
def celery_redis(system):
    system = system('celery-redis', 'redis-server', 'python:celery', 'python:redis')
    system.serve('redis-server', '--port', '6390', '--dir', system.folder, '--save', '')
    try:
        wait_for(lambda: listens(6390))
        celery_deeds(system, 'redis://127.0.0.1:6390/0', 'redis://127.0.0.1:6390/1')
    finally:
        system.close()
    return system


@pytest.fixture(scope='module')
def celery_rabbitmq(system):
    system = system('celery-rabbitmq', 'rabbitmq-server', 'python:celery')
    folder = system.own('rabbitmq').folder
    env = os.environ | {'RABBITMQ_MNESIA_BASE': str(folder / 'mnesia'), 'RABBITMQ_LOG_BASE': str(folder / 'log'), 'RABBITMQ_NODE_PORT': '5690',
                        'RABBITMQ_NODENAME': 'books@localhost', 'RABBITMQ_DIST_PORT': '25690', 'ERL_EPMD_PORT': '4399', 'RABBITMQ_ENABLED_PLUGINS_FILE': str(folder / 'plugins'),
                        'HOME': str(folder), 'RABBITMQ_CONFIG_FILE': str(folder / 'none'), 'RABBITMQ_PID_FILE': str(folder / 'pid')}
    system.serve('setpriv', '--reuid=rabbitmq', '--regid=rabbitmq', '--clear-groups', '/usr/lib/rabbitmq/bin/rabbitmq-server', env=env, cwd=folder)
    try:
        wait_for(lambda: listens(5690), 120)
        celery_deeds(system, 'amqp://guest:guest@127.0.0.1:5690//', '')
    finally:
        system.close()
    return system


CELERY_EXPECTED = {
    'log': [('close', dict(action='job.run.enqueue')), ('close', dict(action='job.run.finish', outcome='success', target='ledger.close')),
            ('fail', dict(action='job.run.fail', outcome='failure', target='ledger.fail', reason='*ValueError*')),
            ('retry', dict(action='job.run.retry', outcome='failure')), ('retry', dict(action='job.run.fail', outcome='failure', reason='*RuntimeError*')),
            ('revoked', dict(action='job.run.cancel')), ('unknown', dict(action='job.run.fail', outcome='denied'))],
    'events': [('close', dict(action='job.run.enqueue', source_action='task-sent')), ('close', dict(action='job.run.start')),
               ('close', dict(action='job.run.finish', outcome='success')), ('fail', dict(action='job.run.fail', outcome='failure')),
               ('retry', dict(action='job.run.retry')), ('revoked', dict(action='job.run.cancel'))],
    'dump': [('close', dict(action='job.run.enqueue')), ('close', dict(action='job.run.finish', outcome='success')), ('fail', dict(action='job.run.fail', outcome='failure')),
             ('revoked', dict(action='job.run.cancel'))],
}
CELERY_CASES = [pytest.param(form, task, terms, id=f'{form}-{task}-{terms["action"]}-{index}') for form, events in CELERY_EXPECTED.items() for index, (task, terms) in enumerate(events)]


def find_job(system, form, task, terms):
    # An unregistered task's log line does not name its id.
    named = {} if (task, form) == ('unknown', 'log') else {'job': system.ids[task]}
    system.find('jobs are done', [f'{system.name}-{form}'], **named, **terms)


@pytest.mark.parametrize('form, task, terms', CELERY_CASES)
def test_celery_with_redis(celery_redis, form, task, terms):
    find_job(celery_redis, form, task, terms)


@pytest.mark.parametrize('form, task, terms', CELERY_CASES)
def test_celery_with_rabbitmq(celery_rabbitmq, form, task, terms):
    find_job(celery_rabbitmq, form, task, terms)


def test_beat(celery_redis):
    celery_redis.find('jobs are done', ['celery-redis-beat'], action='job.run.enqueue', target='ledger.close', outcome='success')
    celery_redis.find('jobs are done', ['celery-redis-events'], action='host.service.stop', source_action='worker-offline')


SIDEKIQ = '''
require 'sidekiq'
Sidekiq.configure_server { |config| config.redis = { url: ENV['REDIS'] }; config.logger.formatter = Sidekiq::Logger::Formatters::JSON.new if ENV['JSON'] }
Sidekiq.configure_client { |config| config.redis = { url: ENV['REDIS'] } }
class CloseWorker; include Sidekiq::Worker; def perform(person); end; end
class FailWorker; include Sidekiq::Worker; sidekiq_options retry: false; def perform(person); raise 'no such account'; end; end
puts [CloseWorker.perform_async(4711), FailWorker.perform_async(4711)] if ENV['CALL']
'''


@pytest.fixture(scope='module')
def sidekiq(system):
    system = system('sidekiq', 'redis-server', 'sidekiq', 'ruby')
    system.serve('redis-server', '--port', '6391', '--dir', system.folder, '--save', '')
    worker = system.folder / 'worker.rb'
    worker.write_text(SIDEKIQ)
    system.ids = {}
    try:
        wait_for(lambda: listens(6391))
        for form in ('json', 'text'):
            env = os.environ | {'REDIS': 'redis://127.0.0.1:6391/0', 'TZ': ZONE} | ({'JSON': '1'} if form == 'json' else {})
            server = system.serve('sidekiq', '-r', worker, '-c', '1', env=env, cwd=system.folder)
            log = system.folder / f'server-{len(system.servers) - 1}.out'
            with system.deed(f'jobs are done ({form})'):
                system.ids[form] = run('ruby', worker, env=env | {'CALL': '1'}, cwd=system.folder).stdout.split()[-2:]
                wait_for(lambda: ': done' in log.read_text() or '"done"' in log.read_text(), 60)
                wait_for(lambda: 'no such account' in log.read_text() or 'fail' in log.read_text(), 60)
                time.sleep(0.5)
            system.stop(server)
            system.ingest('sidekiq', log, source=f'sidekiq-{form}')
    finally:
        system.close()
    return system


@pytest.mark.parametrize('form', ['json', 'text'])
def test_sidekiq(sidekiq, form):
    close, fail = sidekiq.ids[form]
    deed, source = f'jobs are done ({form})', [f'sidekiq-{form}']
    sidekiq.find(deed, source, job=close, action='job.run.start', target='CloseWorker')
    sidekiq.find(deed, source, job=close, action='job.run.finish', outcome='success', target='CloseWorker')
    sidekiq.find(deed, source, job=fail, action='job.run.fail', outcome='failure', target='FailWorker')


SUPERVISOR = '''
[unix_http_server]
file={folder}/socket
[supervisord]
logfile={folder}/supervisord.log
pidfile={folder}/pid
nodaemon=true
childlogdir={folder}
user=root
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{folder}/socket
[program:closer]
command=/bin/sleep 1000
autostart=false
startsecs=0
[program:breaker]
command=/bin/false
autostart=false
startretries=1
startsecs=1
[program:missing]
command=/no/such/program
startretries=0
'''


@pytest.fixture(scope='module')
def supervisor(system):
    system = system('supervisord', 'supervisord', 'supervisorctl')
    config = system.folder / 'supervisord.conf'
    config.write_text(SUPERVISOR.format(folder=system.folder))
    log = system.folder / 'supervisord.log'

    def control(*words):
        return run('supervisorctl', '-c', config, *words, check=False).stdout
    env = os.environ | {'PATH': '/usr/bin:/bin:/usr/sbin'}
    with system.deed('the supervisor begins'):
        server = system.serve('supervisord', '-c', config, env=env)
        wait_for(lambda: 'no such file' not in control('status') and 'closer' in control('status'))
    try:
        wait_for(lambda: 'spawnerr' in log.read_text())
        system.deeds['a program is not there'] = (system.deeds['the supervisor begins'][0], datetime.datetime.now(datetime.UTC))
        with system.deed('a program is started'):
            control('start', 'closer')
        time.sleep(0.2)
        with system.deed('a program is stopped'):
            control('stop', 'closer')
        with system.deed('a program breaks'):
            control('start', 'breaker')
            wait_for(lambda: 'gave up: breaker' in log.read_text(), 30)
        with system.deed('the supervisor ends'):
            system.stop(server)
    finally:
        system.close()
    system.ingest('supervisord', log)
    return system


SUPERVISED = {
    'the supervisor begins': dict(action='host.service.start', outcome='success'),
    'a program is started': dict(action='host.process.start', target='closer', outcome='success'),
    'a program is stopped': dict(action='host.process.stop', target='closer', outcome='success'),
    'a program breaks': dict(action='host.process.start', target='breaker', outcome='failure'),
    'a program is not there': dict(action='host.process.start', outcome='failure'),
    'the supervisor ends': dict(action='host.service.stop', outcome='success'),
}


@pytest.mark.parametrize('deed', SUPERVISED)
def test_supervisor(supervisor, deed):
    supervisor.find(deed, **SUPERVISED[deed])


DAGSTER = '''
from dagster import op, job, Definitions
@op
def add_up(): return 1
@op
def break_down(): raise ValueError('no such account')
@job
def close_books(): add_up()
@job
def break_books(): break_down()
defs = Definitions(jobs=[close_books, break_books])
'''


@pytest.fixture(scope='module')
def dagster(system):
    system = system('dagster', 'python:dagster')
    (system.folder / 'books.py').write_text(DAGSTER)
    (system.folder / 'dagster.yaml').write_text('telemetry:\n  enabled: false\n')
    env = os.environ | {'DAGSTER_HOME': str(system.folder), 'TZ': ZONE}
    with system.deed('jobs are run'):
        said = ''
        for name in ('close_books', 'break_books'):
            done = run(sys.executable, '-m', 'dagster', 'job', 'execute', '-f', 'books.py', '-j', name, env=env, cwd=system.folder, check=False)
            said += done.stderr
    (system.folder / 'text.log').write_text(said)
    rows = []
    for path in sorted((system.folder / 'history/runs').glob('*.db')):
        with sqlite3.connect(path) as database:
            try:
                rows += [row[0] for row in database.execute('select event from event_logs order by id')]
            except sqlite3.OperationalError:
                continue
    (system.folder / 'events.json').write_text('\n'.join(rows) + '\n')
    system.ingest('dagster', system.folder / 'text.log', source='dagster-text')
    system.ingest('dagster', system.folder / 'events.json', source='dagster-events')
    return system


@pytest.mark.parametrize('source', ['dagster-text', 'dagster-events'])
def test_dagster(dagster, source):
    seconds = source == 'dagster-text'
    run_ = 'RUN' if source == 'dagster-text' else 'PIPELINE'          # the table keeps the names of old
    dagster.find('jobs are run', [source], seconds=seconds, action='job.run.start', target='close_books', source_action=f'{run_}_START')
    dagster.find('jobs are run', [source], seconds=seconds, action='job.run.finish', target='close_books', outcome='success', source_action=f'{run_}_SUCCESS')
    dagster.find('jobs are run', [source], seconds=seconds, action='job.run.fail', target='break_books', outcome='failure', source_action=f'{run_}_FAILURE')
    dagster.find('jobs are run', [source], seconds=seconds, action='job.run.fail', target='break_down', outcome='failure', source_action='STEP_FAILURE')


DJANGO = '''
import os, sys
import django
from django.conf import settings
settings.configure(SECRET_KEY='x', DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db.sqlite'}}, USE_TZ=True, TIME_ZONE='Europe/Berlin',
    INSTALLED_APPS=['django.contrib.auth', 'django.contrib.contenttypes', 'django.contrib.sessions', 'auditlog'], AUDITLOG_INCLUDE_TRACKING_MODELS=[{'model': 'auth.Group'}, {'model': 'auth.User', 'exclude_fields': ['password', 'last_login']}],
    DEFAULT_AUTO_FIELD='django.db.models.AutoField', ROOT_URLCONF=__name__, ALLOWED_HOSTS=['*'],
    MIDDLEWARE=['django.contrib.sessions.middleware.SessionMiddleware', 'django.contrib.auth.middleware.AuthenticationMiddleware', 'auditlog.middleware.AuditlogMiddleware'])
django.setup()
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.urls import path
from django.core.management import call_command
from django.test import Client
def make(request): Group.objects.create(name='ledger'); return HttpResponse()
def rename(request): group = Group.objects.get(); group.name = 'books'; group.save(); return HttpResponse()
def remove(request): Group.objects.get().delete(); return HttpResponse()
urlpatterns = [path('make', make), path('rename', rename), path('remove', remove)]
call_command('migrate', verbosity=0)
maria = User.objects.create(username='maria', email='maria@example.org')
client = Client(REMOTE_ADDR='198.51.100.7')
client.force_login(maria)
for deed in ('make', 'rename', 'remove'):
    assert client.get('/' + deed).status_code == 200
call_command('dumpdata', 'auditlog.logentry', format='jsonl', use_natural_foreign_keys=True, output='natural.jsonl')
call_command('dumpdata', 'auditlog.logentry', format='jsonl', output='plain.jsonl')
'''


@pytest.fixture(scope='module')
def django(system):
    system = system('django-auditlog', 'python:django', 'python:auditlog')
    (system.folder / 'site_of_books.py').write_text(DJANGO)
    with system.deed('maria works'):
        run(sys.executable, 'site_of_books.py', cwd=system.folder)
    system.ingest('django_auditlog', system.folder / 'natural.jsonl', source='django-natural')
    system.ingest('django_auditlog', system.folder / 'plain.jsonl', source='django-plain')
    return system


@pytest.mark.parametrize('source', ['django-natural', 'django-plain'])
def test_django_auditlog(django, source):
    # Natural keys carry the name, plain ones the number and the e-mail address that the entry holds.
    actor = 'maria' if source == 'django-natural' else 'maria@example.org'
    django.find('maria works', [source], action='data.record.create', actor=actor, target='ledger', outcome='success', ip='198.51.100.7')
    django.find('maria works', [source], action='data.record.update', actor=actor, target='books')
    django.find('maria works', [source], action='data.record.delete', actor=actor, target='books')


AIRFLOW = '''
from airflow.sdk import DAG, task
import datetime
with DAG('close_books', schedule=None, start_date=datetime.datetime(2026, 1, 1)):
    @task
    def add_up(): print('adding')
    add_up()
'''


@pytest.fixture(scope='module')
def airflow(system, people):
    system = system('airflow', 'python:airflow.__main__')
    folder = system.folder
    (folder / 'dags').mkdir()
    (folder / 'dags/books.py').write_text(AIRFLOW)
    env = {name: os.environ[name] for name in ('PATH', 'LANG') if name in os.environ} | {
        'AIRFLOW_HOME': str(folder), 'AIRFLOW__CORE__LOAD_EXAMPLES': 'false', 'AIRFLOW__CORE__UNIT_TEST_MODE': 'false', 'HOME': '/home/maria', 'USER': 'maria', 'TZ': ZONE,
        'AIRFLOW__USAGE_DATA_COLLECTION__ENABLED': 'false', 'PYTHONDONTWRITEBYTECODE': '1'}
    system.own('maria', folder, folder / 'dags', folder / 'dags/books.py')

    def airflow(*words, check=True):
        return run('setpriv', '--reuid=maria', '--regid=maria', '--clear-groups', sys.executable, '-m', 'airflow', *words, env=env, cwd=folder, check=check, timeout=300)
    airflow('db', 'migrate')
    with system.deed('maria sets a variable'):
        airflow('variables', 'set', 'rate', '7')
    with system.deed('maria makes a connection'):
        airflow('connections', 'add', 'bank', '--conn-type', 'http', '--conn-host', 'bank.example.org', '--conn-password', 'Secret-9x')
    with system.deed('maria makes a pool'):
        airflow('pools', 'set', 'small', '1', 'few at a time')
    with system.deed('maria reads in the workflows'):
        airflow('dags', 'reserialize')
    with system.deed('maria unpauses a workflow'):
        airflow('dags', 'unpause', '-y', 'close_books', check=False)
    with system.deed('maria triggers a workflow'):
        airflow('dags', 'trigger', 'close_books')
    with system.deed('maria deletes a variable'):
        airflow('variables', 'delete', 'rate')
    with sqlite3.connect(folder / 'airflow.db') as database:
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute('select * from log order by id')]
    (folder / 'log.json').write_text(''.join(json.dumps(row) + '\n' for row in rows))
    system.ingest('airflow', folder / 'log.json', timezone='UTC')
    return system


WORKFLOWS = {
    'maria sets a variable': dict(action='config.*', actor='maria', source_action='cli_variables_set'),
    'maria makes a connection': dict(action='config.*', actor='maria', source_action='cli_connections_add'),
    'maria makes a pool': dict(action='config.*', actor='maria', source_action='cli_pool_set'),
    'maria unpauses a workflow': dict(action='job.schedule.enable', actor='maria'),
    'maria triggers a workflow': dict(action='job.run.start', actor='maria', source_action='cli_dag_trigger'),
    'maria deletes a variable': dict(action='config.*', actor='maria', source_action='cli_variables_delete'),
}


@pytest.mark.parametrize('deed', WORKFLOWS)
def test_airflow(airflow, deed):
    airflow.find(deed, **WORKFLOWS[deed])


def test_no_password_of_airflow_comes_in(airflow):
    assert not airflow.timeline.query('"Secret-9x"')
