"""nginx, Apache and HAProxy with named users, as they write their access logs."""
import base64
import http.client
import os
import pathlib

import pytest
from conftest import PASSWORDS, listens, run, wait_for

LOGS = pathlib.Path('/var/log')
NGINX = '''
daemon off; user www-data; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  log_format json escape=json '{{"time_iso8601":"$time_iso8601","msec":"$msec","remote_addr":"$remote_addr","remote_user":"$remote_user","request_method":"$request_method","request_uri":"$request_uri","status":$status,"body_bytes_sent":$body_bytes_sent,"http_user_agent":"$http_user_agent","request_id":"$request_id","server_name":"$server_name"}}';
  access_log {folder}/access.log combined;
  access_log {folder}/access.json json;
  server {{ listen *:8081; server_name books.example.org;
    location /ledger {{ auth_basic "ledger"; auth_basic_user_file {folder}/users; dav_methods off; alias {folder}/pages; }}
    location /closed {{ deny all; }}
    location / {{ root {folder}/pages; }} }}
}}
'''
APACHE = '''
ServerRoot {folder}
ServerName books.example.org
Listen 8082
PidFile {folder}/pid
DefaultRuntimeDir {folder}
User www-data
Group www-data
ErrorLog {folder}/error.log
{modules}
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" vhost_combined
LogFormat "%h %l %u %t \\"%r\\" %>s %b" common
CustomLog {folder}/combined.log combined
CustomLog {folder}/vhost.log vhost_combined
CustomLog {folder}/common.log common
DocumentRoot {folder}/pages
<Location />
  Require all granted
</Location>
<Location /ledger>
  AuthType Basic
  AuthName ledger
  AuthUserFile {folder}/users
  Require user maria
</Location>
<Location /closed>
  Require all denied
</Location>
'''
HAPROXY = '''
global
  log /dev/log local0
defaults
  log global
  timeout connect 2s
  timeout client 5s
  timeout server 5s
frontend web
  mode http
  option httplog
  bind *:8083
  http-request deny if {{ path_beg /closed }}
  default_backend books
backend books
  mode http
  server one 127.0.0.1:8084
frontend plain
  mode tcp
  option tcplog
  bind *:8085
  default_backend raw
backend raw
  mode tcp
  server one 127.0.0.1:8084
frontend broken
  mode http
  option httplog
  bind *:8086
  default_backend nobody
backend nobody
  mode http
  server gone 127.0.0.1:9
'''
AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'


def ask(port, path, user=None, password=None, method='GET', address='127.0.0.1', body=None):
    headers = {'User-Agent': AGENT}
    if user:
        headers['Authorization'] = 'Basic ' + base64.b64encode(f'{user}:{password or PASSWORDS[user]}'.encode()).decode()
    connection = http.client.HTTPConnection(address, port, timeout=20)
    connection.request(method, path, body=body, headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


def deeds(system, port):
    deed = system.deed
    with deed('maria reads the ledger'):
        assert ask(port, '/ledger/close.html?token=Secret-9x', 'maria', address='198.51.100.7') == 200
    with deed('maria writes'):
        assert ask(port, '/ledger/close.html', 'maria', method='POST', body=b'x') in (200, 405)
    with deed('tomas gives a wrong password'):
        assert ask(port, '/ledger/close.html', 'tomas', 'wrong') == 401
    with deed('somebody asks without a name'):
        assert ask(port, '/ledger/close.html') == 401
    with deed('the door is closed'):
        assert ask(port, '/closed/') == 403
    with deed('somebody asks for what is not there'):
        assert ask(port, '/nothing') == 404
    with deed('somebody reads a page'):
        assert ask(port, '/index.html', address='203.0.113.9') == 200


def pages(system):
    (system.folder / 'pages').mkdir(exist_ok=True)
    for name in ('index.html', 'close.html'):
        (system.folder / 'pages' / name).write_text('hello\n')
    (system.folder / 'pages/ledger').mkdir(exist_ok=True)
    (system.folder / 'pages/ledger/close.html').write_text('hello\n')
    words = {name: run('openssl', 'passwd', '-apr1', PASSWORDS[name]).stdout.strip() for name in ('maria', 'tomas')}
    (system.folder / 'users').write_text(''.join(f'{name}:{word}\n' for name, word in words.items()))


@pytest.fixture(scope='module')
def nginx(system):
    system = system('nginx', 'nginx')
    pages(system)
    (system.folder / 'nginx.conf').write_text(NGINX.format(folder=system.folder))
    os.makedirs('/var/log/nginx', exist_ok=True)
    system.serve('nginx', '-c', system.folder / 'nginx.conf')
    try:
        wait_for(lambda: listens(8081))
        deeds(system, 8081)
    finally:
        system.close()
    system.ingest('nginx_access', system.folder / 'access.log', source='nginx-combined')
    system.ingest('nginx_access', system.folder / 'access.json', source='nginx-json')
    return system


@pytest.fixture(scope='module')
def apache(system):
    system = system('apache2', 'apache2', '/usr/lib/apache2/modules/mod_auth_basic.so')
    pages(system)
    modules = pathlib.Path('/usr/lib/apache2/modules')
    wanted = ['mpm_event', 'authn_core', 'authn_file', 'authz_core', 'authz_user', 'authz_host', 'auth_basic', 'dir', 'mime', 'logio', 'unixd', 'log_config']
    (system.folder / 'apache.conf').write_text(APACHE.format(folder=system.folder, modules='\n'.join(
        f'LoadModule {name}_module {modules}/mod_{name}.so' for name in wanted if (modules / f'mod_{name}.so').exists()) + '\nTypesConfig /etc/mime.types'))
    open('/etc/mime.types', 'a').close()
    system.serve('apache2', '-D', 'FOREGROUND', '-f', system.folder / 'apache.conf')
    try:
        wait_for(lambda: listens(8082))
        deeds(system, 8082)
    finally:
        system.close()
    for form in ('combined', 'vhost', 'common'):
        system.ingest('apache_access', system.folder / f'{form}.log', source=f'apache-{form}')
    return system


REQUESTS = {
    'maria reads the ledger': dict(action='web.request.read', actor='maria', outcome='success', ip='198.51.100.7', target='/ledger/close.html'),
    'maria writes': dict(action='web.request.write', actor='maria', target='/ledger/close.html'),
    'tomas gives a wrong password': dict(action='web.request.read', outcome='denied', target='/ledger/close.html'),
    'somebody asks without a name': dict(action='web.request.read', outcome='denied', target='/ledger/close.html', actor=None),
    'the door is closed': dict(action='web.request.read', outcome='denied', target='/closed/'),
    'somebody asks for what is not there': dict(action='web.request.read', outcome='failure', target='/nothing'),
    'somebody reads a page': dict(action='web.request.read', outcome='success', target='/index.html', ip='203.0.113.9'),
}


@pytest.mark.parametrize('source', ['nginx-combined', 'nginx-json'])
@pytest.mark.parametrize('deed', REQUESTS)
def test_nginx(nginx, deed, source):
    nginx.find(deed, [source], seconds=True, **{name.replace('actor', 'actor__name') if value is None else name: value for name, value in REQUESTS[deed].items()})


@pytest.mark.parametrize('source', ['apache-combined', 'apache-vhost', 'apache-common'])
@pytest.mark.parametrize('deed', REQUESTS)
def test_apache(apache, deed, source):
    apache.find(deed, [source], seconds=True, **{name.replace('actor', 'actor__name') if value is None else name: value for name, value in REQUESTS[deed].items()})


def test_no_token_of_a_query_comes_in(nginx, apache):
    assert not nginx.timeline.query('"Secret-9x"')


@pytest.fixture(scope='module')
def haproxy(system):
    system = system('haproxy', 'haproxy', 'rsyslogd', 'nginx')
    pages(system)
    (system.folder / 'haproxy.cfg').write_text(HAPROXY.format())
    (system.folder / 'rsyslog.conf').write_text('module(load="imuxsock")\nlocal0.* /var/log/haproxy.log\nlocal0.* /var/log/haproxy-traditional.log;RSYSLOG_TraditionalFileFormat\n')
    (system.folder / 'nginx.conf').write_text(NGINX.format(folder=system.folder).replace('8081', '8084'))
    os.makedirs('/var/log/nginx', exist_ok=True)
    system.serve('rsyslogd', '-n', '-f', system.folder / 'rsyslog.conf', '-i', system.folder / 'rsyslog.pid')
    wait_for(lambda: os.path.exists('/dev/log'))
    system.serve('nginx', '-c', system.folder / 'nginx.conf')
    system.serve('haproxy', '-db', '-f', system.folder / 'haproxy.cfg')
    try:
        wait_for(lambda: all(listens(port) for port in (8083, 8084, 8085, 8086)))
        deeds(system, 8083)
        with system.deed('bytes go through'):
            assert ask(8085, '/index.html', address='203.0.113.9') == 200
        with system.deed('nobody is behind it'):
            assert ask(8086, '/index.html') == 503
        wait_for(lambda: 'broken nobody' in (LOGS / 'haproxy.log').read_text())
    finally:
        system.close()
    for suffix in ('', '-traditional'):
        system.ingest('haproxy', LOGS / f'haproxy{suffix}.log', source=f'haproxy{suffix}')
    return system


PROXIED = {deed: {name: value for name, value in terms.items() if not name.startswith('actor')} for deed, terms in REQUESTS.items()} | {
    'bytes go through': dict(action='network.connection.close', ip='203.0.113.9', outcome='success', target='raw'),
    'nobody is behind it': dict(action='web.request.read', outcome='failure', target='/index.html'),
}


@pytest.mark.parametrize('source', ['haproxy', 'haproxy-traditional'])
@pytest.mark.parametrize('deed', PROXIED)
def test_haproxy(haproxy, deed, source):
    haproxy.find(deed, [source], seconds=True, **PROXIED[deed])
