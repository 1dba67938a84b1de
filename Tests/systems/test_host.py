"""A Debian host: sshd with PAM, sudo, su, the shadow tools, crontab and cron, written down by rsyslog in its three forms."""
import os
import pathlib
import subprocess
import time

import pytest
from conftest import PASSWORDS, listens, run, typed, wait_for

LOGS = pathlib.Path('/var/log')
PORT = 2222
RSYSLOG = '''
module(load="imuxsock")
$FileCreateMode 0640
auth,authpriv.* {log}/auth.log
auth,authpriv.* {log}/auth-traditional.log;RSYSLOG_TraditionalFileFormat
auth,authpriv.* {log}/auth-rfc5424.log;RSYSLOG_SyslogProtocol23Format
cron.* {log}/cron.log
cron.* {log}/cron-traditional.log;RSYSLOG_TraditionalFileFormat
'''
SSHD = '''
Port {port}
ListenAddress 0.0.0.0
ListenAddress ::
HostKey {folder}/host_key
UsePAM yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
MaxAuthTries 2
DenyUsers jonas
PidFile {folder}/sshd.pid
Subsystem sftp internal-sftp
'''
AUTH = ['host', 'host-traditional', 'host-rfc5424']
CRON = ['cron', 'cron-traditional']


class Host:
    def __init__(self, system):
        self.system, self.deed = system, system.deed
        self.key = system.folder / 'maria_key'

    def ssh(self, user, *command, password=None, key=None, address='127.0.0.1', terminal=False, source=None):
        options = ['-F', 'none', '-p', PORT, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR',
                   '-o', 'NumberOfPasswordPrompts=1']
        options += ['-i', key, '-o', 'PreferredAuthentications=publickey', '-o', 'IdentitiesOnly=yes'] if key else ['-o', 'PubkeyAuthentication=no']
        options += ['-b', source] if source else []
        before = [] if key else ['sshpass', '-p', password]
        return [*before, 'ssh', *(['-tt'] if terminal else []), *options, f'{user}@{address}', *command]


def deeds(host):
    system, deed, ssh = host.system, host.deed, host.ssh
    with deed('root makes an account'):
        run('useradd', '--create-home', '--shell', '/bin/bash', '--comment', 'Petra Novak', 'petra')
    with deed('root makes a group'):
        run('groupadd', 'ledger')
    with deed('root puts petra into the group'):
        run('usermod', '--append', '--groups', 'ledger', 'petra')
    with deed('root sets a password'):
        run('chpasswd', input='petra:Xy-44-first\n')
    with deed('root gives petra another shell'):
        run('usermod', '--shell', '/bin/sh', 'petra')
    with deed('root renames petra'):
        run('usermod', '--login', 'pnovak', 'petra')
    with deed('root names members with gpasswd'):
        run('gpasswd', '--add', 'tomas', 'ledger')
    with deed('root takes a member away'):
        run('gpasswd', '--delete', 'tomas', 'ledger')
    with deed('root makes an administrator of a group'):
        run('gpasswd', '--administrators', 'tomas', 'ledger')
    with deed('root locks an account'):
        run('usermod', '--lock', 'pnovak')
    with deed('root unlocks an account'):
        run('usermod', '--unlock', 'pnovak')
    with deed('root locks with passwd'):
        run('passwd', '--lock', 'pnovak')
    with deed('root sets an expiry'):
        run('chage', '--expiredate', '2031-01-01', 'pnovak')
    with deed('root renames a group'):
        run('groupmod', '--new-name', 'books', 'ledger')
    with deed('root removes petra from all groups'):
        run('usermod', '--groups', '', 'pnovak')
    with deed('root removes an account'):
        run('userdel', '--remove', 'pnovak', check=False)
    with deed('root removes a group'):
        run('groupdel', 'books')
    with deed('root makes an account that exists'):
        run('useradd', 'maria', check=False)
    with deed('tomas changes his password'):
        code, said = typed(['runuser', '-u', 'tomas', '--', 'passwd'], PASSWORDS['tomas'], 'Vb-91-changed!', 'Vb-91-changed!')
        assert code == 0, said
    with deed('tomas changes his shell'):
        code, said = typed(['runuser', '-u', 'tomas', '--', 'chsh', '--shell', '/bin/sh'], 'Vb-91-changed!')
        assert code == 0, said

    with deed('maria signs in with a key'):
        run(*ssh('maria', 'true', key=host.key))
    with deed('tomas signs in with a password'):
        run(*ssh('tomas', 'true', password='Vb-91-changed!', source='198.51.100.7', address='198.51.100.7'))
    with deed('ines signs in over IPv6'):
        run(*ssh('ines', 'true', password=PASSWORDS['ines'], address='::1'))
    with deed('tomas gives a wrong password'):
        assert run(*ssh('tomas', 'true', password='wrong', source='203.0.113.9', address='203.0.113.9'), check=False).returncode
    with deed('an unknown user tries'):
        assert run(*ssh('mallory', 'true', password='wrong'), check=False).returncode
    with deed('a name with a blank tries'):
        assert run('sshpass', '-p', 'x', 'ssh', '-F', 'none', '-p', PORT, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null',
                   '-o', 'NumberOfPasswordPrompts=1', '-o', 'PubkeyAuthentication=no', '-l', 'mal lory', '127.0.0.1', check=False).returncode
    with deed('jonas is not let in'):
        assert run(*ssh('jonas', 'true', password=PASSWORDS['jonas']), check=False).returncode
    with deed('a key that nobody knows'):
        assert run(*ssh('ines', 'true', key=system.folder / 'other_key'), check=False).returncode
    with deed('maria copies a file'):
        run('sftp', '-F', 'none', '-P', PORT, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-i', host.key, '-b', '-', 'maria@127.0.0.1', input='pwd\n')

    with deed('maria runs a command with sudo'):
        run(*ssh('maria', 'sudo', '/usr/bin/id', '-un', key=host.key))
    with deed('maria works as postgres'):
        run(*ssh('maria', 'sudo', '-u', 'nobody', '/usr/bin/id', key=host.key))
    with deed('tomas is not in sudoers'):
        code, said = typed(ssh('tomas', 'sudo', '/usr/bin/cat', '/etc/shadow', password='Vb-91-changed!', terminal=True), 'Vb-91-changed!')
        assert code, said
    with deed('ines may not run that'):
        code, said = typed(ssh('ines', 'sudo', '/usr/bin/cat', '/etc/shadow', password=PASSWORDS['ines'], terminal=True), PASSWORDS['ines'])
        assert code, said
    with deed('ines gives sudo wrong passwords'):
        code, said = typed(ssh('ines', 'sudo', '/usr/bin/id', password=PASSWORDS['ines'], terminal=True), 'bad-1', 'bad-2', 'bad-3')
        assert code, said
    with deed('ines runs what she may'):
        code, said = typed(ssh('ines', 'sudo', '/usr/bin/id', password=PASSWORDS['ines'], terminal=True), PASSWORDS['ines'])
        assert code == 0, said
    with deed('maria becomes ines'):
        code, said = typed(ssh('maria', 'su', 'ines', '-c', 'true', key=host.key, terminal=True), PASSWORDS['ines'])
        assert code == 0, said
    with deed('maria fails to become ines'):
        code, said = typed(ssh('maria', 'su', 'ines', '-c', 'true', key=host.key, terminal=True), 'bad')
        assert code, said
    with deed('root works as maria'):
        run('su', '-', 'maria', '-c', 'true')
    with deed('root runs as ines'):
        run('runuser', '-u', 'ines', '--', 'true')

    with deed('maria changes her crontab'):
        run(*ssh('maria', 'crontab', '-', key=host.key), input='* * * * * /bin/true quarterly-close\n* * * * * /bin/false monthly-close\n')
    with deed('maria lists her crontab'):
        run(*ssh('maria', 'crontab', '-l', key=host.key))
    with deed('root lists marias crontab'):
        run('crontab', '-u', 'maria', '-l')
    with deed('ines may not use crontab'):
        assert run(*ssh('ines', 'crontab', '-l', password=PASSWORDS['ines']), check=False).returncode
    with deed('cron runs what maria asked for'):
        wait_for(lambda: ') END (/bin/true quarterly-close)' in (said := (LOGS / 'cron.log').read_text()) and 'failed with exit status' in said, 75)
    for name in ('the other job fails', 'the job ends'):
        system.deeds[name] = system.deeds['cron runs what maria asked for']
    with deed('maria removes her crontab'):
        run(*ssh('maria', 'crontab', '-r', key=host.key))


@pytest.fixture(scope='module')
def host(system, people):
    system = system('host', 'rsyslogd', 'sshd', 'sshpass', 'sudo', 'cron', 'crontab')
    rsyslog = system.folder / 'rsyslog.conf'
    rsyslog.write_text(RSYSLOG.format(log=LOGS))
    system.serve('rsyslogd', '-n', '-f', rsyslog, '-i', system.folder / 'rsyslog.pid')
    wait_for(lambda: os.path.exists('/dev/log'))
    for name in ('host_key', 'maria_key', 'other_key'):
        run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'maria@example.org', '-f', system.folder / name)
    config = system.folder / 'sshd_config'
    config.write_text(SSHD.format(port=PORT, folder=system.folder))
    home = pathlib.Path('/home/maria/.ssh')
    home.mkdir(mode=0o700)
    (home / 'authorized_keys').write_text((system.folder / 'maria_key.pub').read_text())
    run('chown', '-R', 'maria:maria', home)
    pathlib.Path('/etc/sudoers.d/people').write_text('maria ALL=(ALL) NOPASSWD: ALL\nines ALL=(root) /usr/bin/id\n')
    pathlib.Path('/etc/cron.deny').write_text('ines\n')
    sshd = system.serve('/usr/sbin/sshd', '-D', '-f', config)
    system.serve('cron', '-f', '-L', '7')
    wait_for(lambda: listens(PORT))
    host = Host(system)
    try:
        deeds(host)
        with system.deed('sshd is stopped'):
            system.stop(sshd)
        time.sleep(0.5)
    finally:
        system.close()
    for suffix in ('', '-traditional', '-rfc5424'):
        system.ingest('linux_auth', LOGS / f'auth{suffix}.log', source=f'host{suffix}')
    for suffix in ('', '-traditional'):
        system.ingest('cron', LOGS / f'cron{suffix}.log', source=f'cron{suffix}')
    return system


EXPECTED = {
    'root makes an account': dict(action='iam.account.create', target='petra', outcome='success', origin__host='bastion'),
    'root makes a group': dict(action='iam.group.create', target='ledger', outcome='success'),
    'root puts petra into the group': dict(action='iam.group.add_member', target='petra', outcome='success', times=2),
    'root sets a password': dict(action='iam.password.*', target='petra', outcome='success'),
    'root gives petra another shell': dict(action='iam.account.update', target='petra', outcome='success', change='shell'),
    'root renames petra': dict(action='iam.account.update', target='petra', outcome='success'),
    'root names members with gpasswd': dict(action='iam.group.add_member', actor='root', target='tomas', outcome='success'),
    'root takes a member away': dict(action='iam.group.remove_member', actor='root', target='tomas', outcome='success'),
    'root makes an administrator of a group': dict(action='iam.role.grant', actor='root', target='tomas', outcome='success'),
    'root locks an account': dict(action='iam.account.lock', target='pnovak', outcome='success'),
    'root unlocks an account': dict(action='iam.account.unlock', target='pnovak', outcome='success'),
    'root locks with passwd': dict(action='iam.password.change', actor='root', target='pnovak', outcome='success'),   # it writes no other word
    'root sets an expiry': dict(action='iam.account.update', target='pnovak', outcome='success'),
    'root renames a group': dict(action='iam.group.update', target='ledger', outcome='success'),
    'root removes petra from all groups': dict(action='iam.group.remove_member', target='pnovak', outcome='success', times=2),
    'root removes an account': dict(action='iam.account.delete', target='pnovak', outcome='success', times=1),
    'root removes a group': dict(action='iam.group.delete', target='books', outcome='success'),
    'root makes an account that exists': dict(action='iam.account.create', target='maria', outcome='failure'),
    'tomas changes his password': dict(action='iam.password.change', target='tomas', outcome='success'),
    'tomas changes his shell': dict(action='iam.account.update', target='tomas', outcome='success'),
    'maria signs in with a key': dict(action='auth.session.start', actor='maria', target='bastion', outcome='success', ip='127.0.0.1', attributes__method='publickey', surface='cli'),
    'tomas signs in with a password': dict(action='auth.session.start', actor='tomas', target='bastion', outcome='success', ip='198.51.100.7', attributes__method='password'),
    'ines signs in over IPv6': dict(action='auth.session.start', actor='ines', outcome='success', ip='::1'),
    'sshd is stopped': dict(action='host.service.stop', surface='system'),
    'tomas gives a wrong password': dict(action='auth.credential.verify', actor='tomas', target='bastion', outcome='failure', ip='203.0.113.9', source_action='Failed'),
    'an unknown user tries': dict(action='auth.credential.verify', actor='mallory', outcome='failure', source_action='Invalid user'),
    'a name with a blank tries': dict(action='auth.credential.verify', actor='mal lory', outcome='failure', source_action='Invalid user'),
    'jonas is not let in': dict(action='auth.session.start', actor='jonas', target='bastion', outcome='denied'),
    'a key that nobody knows': dict(action='auth.connection.close', actor='ines'),
    'maria copies a file': dict(action='auth.session.start', actor='maria', outcome='success'),
    'maria runs a command with sudo': dict(action='host.command.run', actor='maria', on_behalf_of='root', outcome='success', attributes__command='*/usr/bin/id*'),
    'maria works as postgres': dict(action='host.command.run', actor='maria', on_behalf_of='nobody', outcome='success'),
    'tomas is not in sudoers': dict(action='host.command.run', actor='tomas', target='root', outcome='denied', attributes__tty='pts/*'),
    'ines may not run that': dict(action='host.command.run', actor='ines', target='root', outcome='denied'),
    'ines gives sudo wrong passwords': dict(action='host.command.run', actor='ines', outcome='denied', reason='3 incorrect password attempts'),
    'ines runs what she may': dict(action='host.command.run', actor='ines', target='root', outcome='success'),
    'maria becomes ines': dict(action='auth.privilege.elevate', actor='maria', on_behalf_of='ines', target='ines', outcome='success', source_action='su'),
    'maria fails to become ines': dict(action='auth.privilege.elevate', actor='maria', on_behalf_of='ines', outcome='failure'),
    'root works as maria': dict(action='auth.privilege.elevate', actor='root', on_behalf_of='maria', outcome='success', source_action='su'),
    'root runs as ines': dict(action='auth.privilege.elevate', actor='0', on_behalf_of='ines', outcome='success'),
}
EXPECTED_CRON = {
    'maria changes her crontab': dict(action='job.schedule.update', actor='maria', target='maria', outcome='success'),
    'maria lists her crontab': dict(action='job.*', actor='maria', target='maria', outcome='success'),
    'root lists marias crontab': dict(action='job.*', actor='root', target='maria', outcome='success'),
    'ines may not use crontab': dict(actor='ines', outcome='denied'),
    'cron runs what maria asked for': dict(action='job.run.start', actor='maria', attributes__command='*quarterly-close*'),
    'the other job fails': dict(action='job.run.fail', outcome='failure', attributes__exit_status='1'),
    'the job ends': dict(action='job.run.finish', actor='maria', attributes__command='*quarterly-close*', outcome='unknown'),
    'maria removes her crontab': dict(action='job.schedule.delete', actor='maria', target='maria', outcome='success'),
}


@pytest.mark.parametrize('source', AUTH)
@pytest.mark.parametrize('deed', EXPECTED)
def test_host(host, deed, source):
    host.find(deed, [source], seconds='traditional' in source, **EXPECTED[deed])


@pytest.mark.parametrize('source', CRON)
@pytest.mark.parametrize('deed', EXPECTED_CRON)
def test_cron(host, deed, source):
    host.find(deed, [source], seconds='traditional' in source, **EXPECTED_CRON[deed])
