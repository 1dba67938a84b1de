"""Bad calls, bad files and bad stores: one clear line that says what to do, the right exit code, and the store unharmed."""
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import time

import pytest

import ledgers
from conftest import OKTA, ORIGIN, QUARTER, ROOT


def tree(store):
    """Every file's bytes, but for SQLite's working files and the lock, in which the last writer's process number stands."""
    return {str(path.relative_to(store)): path.read_bytes() for path in sorted(store.rglob('*'))
            if path.is_file() and path.name != 'lock' and not path.name.endswith(('-wal', '-shm'))}


# Calls

@pytest.mark.parametrize('arguments, says', [
    (['ingst', '--store', 'x'], ['ingst', 'did you mean `ingest`']),
    (['ingest', '--stor', 'x'], ['--store', 'proofline ingest --help']),
    (['ingest', '--store', 'x', '--fromat', 'json'], ['--fromat', '--format']),
    (['init', '--store', 'x'], ['--origin']),
    (['init', '--store', 'x', '--origin', 'two words'], ['example.com/audit']),
    (['init', '--store', '', '--origin', ORIGIN], ['--store']),
    (['query', '--store', 'x', '--format', 'xml'], ['xml']),
    (['query', '--store', 'x', '--limit', 'many'], ['many']),
    (['query', '--store', '/nowhere', 'x'], ['/nowhere', 'proofline init']),
    (['fsck', '--store', '/etc'], ['/etc', 'no proofline store']),
    (['parse', '--parser', 'okto', OKTA], ['okto', 'okta']),
    (['parse', '--parser', 'okta', '/nowhere/a.log'], ['/nowhere/a.log', 'no such file']),
    (['parse', '--parser', 'okta', '/etc'], ['folder']),
    (['parse', '--parser', 'okta', '--timezone', 'Mars/Base', OKTA], ['Mars/Base', 'IANA']),
    (['parse', '--parser', 'okta', '--parsers', '/nowhere', OKTA], ['/nowhere', '--parsers']),
])
def test_a_wrong_call_is_one_line_and_exit_2(refused, tmp_path, arguments, says):
    refused(2, *arguments, says=says, cwd=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('arguments, says', [
    (['ingest', '--parser', 'octa', OKTA], ['octa', 'did you mean `okta`']),
    (['ingest', '--parser', 'okta', OKTA, '/nowhere/okta.log'], ['/nowhere/okta.log', 'no such file']),
    (['ingest', '--parser', 'okta'], ['files or folders']),
    (['ingest'], ['--config', '--parser']),
    (['ingest', '--parser', 'okta', '--source', 'Two Words', OKTA], ['Two Words', 'lower-case']),
    (['ingest', '--parser', 'okta', '--source', 'proofline', OKTA], ['proofline', 'choose another']),
    (['ingest', '--parser', 'okta', '--timezone', 'Mars/Base', OKTA], ['Mars/Base']),
    (['ingest', '--parser', 'okta', '--policy', '/nowhere', OKTA], ['/nowhere', '--policy']),
    (['ingest', '--config', '/nowhere.yaml'], ['/nowhere.yaml', 'no such configuration file']),
    (['ingest', '--config', QUARTER], ['folder', 'sources.yaml']),
    (['run', '--config', '/nowhere.yaml'], ['/nowhere.yaml']),
    (['coverage', '--since', '2026-10-01', '--until', '2026-07-01'], ['--since', '--until']),
    (['report', 'run', 'EP-20', '--period', '2026Q3'], ['EP-20', 'did you mean']),
    (['report', 'run', 'EP-03', '--period', '2026Q9'], ['2026Q9', '2026Q3']),
    (['report', 'run', 'EP-03', '--period', '2026Q3', '--param', 'EP-03.limitt=4h'], ['limitt', 'did you mean `limit`']),
    (['report', 'run', 'EP-03', '--period', '2026Q3', '--param', 'EP-04.limit=4h'], ['EP-04', 'EP-03']),
    (['pack', 'build', '--period', '2026Q3', '--framework', 'soc9', '--out', 'packs'], ['soc9', 'soc2']),
])
def test_a_wrong_call_leaves_a_store_as_it_was(call, refused, store, tmp_path, arguments, says):
    before = tree(store)
    refused(2, *arguments, '--store', store, says=says, cwd=tmp_path)
    assert tree(store) == before


def test_a_wrong_query_shows_where(call, store):
    for query, says in [('actorr:x', b'did you mean actor'), ('since:yesterdayish', b'2026-08-14'), ('((((', b'missing')]:
        lines = call('query', '--store', store, query, expect=2).stderr.splitlines()
        assert says in lines[0] and lines[1].strip() == query.encode() and lines[2].strip() == b'^'


def test_a_second_init_and_a_folder_of_something_else(refused, store, tmp_path):
    before = tree(store)
    refused(2, 'init', '--store', store, '--origin', ORIGIN, says=['there is a store here already'])
    assert tree(store) == before
    (tmp_path / 'home').mkdir()
    (tmp_path / 'home' / 'letter.txt').write_text('mine')
    refused(2, 'init', '--store', tmp_path / 'home', '--origin', ORIGIN, says=['letter.txt'])
    assert [path.name for path in (tmp_path / 'home').iterdir()] == ['letter.txt']


# Definitions and configurations

def test_a_definition_with_a_typo_is_told_with_its_place(refused, store, tmp_path):
    folder = tmp_path / 'mine' / 'okta'
    shutil.copytree(ROOT / 'parsers' / 'okta', folder)
    text = (folder / 'parser.yaml').read_text()
    (folder / 'parser.yaml').write_text(text.replace('\ntitle:', '\ntitel:', 1))
    line = text[:text.index('\ntitle:')].count('\n') + 2
    before = tree(store)
    refused(2, 'ingest', '--store', store, '--parsers', tmp_path / 'mine', '--parser', 'okta', OKTA,
            says=[f'parser.yaml:{line}:1', 'titel', 'title'])
    assert tree(store) == before


@pytest.mark.parametrize('text, says', [
    ('version: 1\nsources:\n  - id: okta\n    parsr: okta\n    paths: ["*.log"]\n', [':4:', 'parsr', 'did you mean `parser`']),
    ('version: 1\nsources:\n  - {id: okta, parser: octa, paths: ["*.log"]}\n', ['octa', 'did you mean `okta`']),
    ('version: 2\nsources: []\n', [':1:', 'version 1']),
    ('version: 1\nsources:\n\t- id: okta\n', [':3', 'YAML']),
    ('version: 1\nsources:\n  - {id: a, parser: okta, paths: ["x"]}\n  - {id: a, parser: okta, paths: ["y"]}\n', [':4:', 'twice']),
    ('', ['empty']),
])
def test_a_configuration_with_a_fault_is_told_with_its_line(refused, store, tmp_path, text, says):
    (tmp_path / 'sources.yaml').write_text(text)
    before = tree(store)
    refused(2, 'ingest', '--store', store, '--config', tmp_path / 'sources.yaml', says=['sources.yaml' if 'octa' not in text else 'octa', *says])
    assert tree(store) == before


def test_a_path_without_files_is_a_finding(refused, store, tmp_path):
    (tmp_path / 'sources.yaml').write_text('version: 1\nsources:\n  - {id: other, parser: okta, paths: ["nothing/*.log"]}\n')
    refused(1, 'ingest', '--store', store, '--config', tmp_path / 'sources.yaml', says=['nothing/*.log', 'no file matches'])


# Files

@pytest.mark.parametrize('name', ['cut.gz', 'cut.zst', 'cut before its first byte.zst', 'checksum.gz', 'behind.gz'])
def test_a_damaged_compressed_file_is_read_as_far_as_it_goes(call, refused, new_store, tmp_path, name):
    zstd = pytest.importorskip('pyarrow').Codec('zstd')
    plain = b''.join(OKTA.read_bytes().splitlines(keepends=True)[:1_000])
    lines = len(plain.splitlines())
    # Twenty frames, so that half of the file holds whole ones.
    frames = [zstd.compress(plain[at:at + len(plain) // 20 + 1]).to_pybytes() for at in range(0, len(plain), len(plain) // 20 + 1)]
    data, least = {
        'cut.gz': lambda: (gzip.compress(plain)[:-20_000], 50),
        'cut.zst': lambda: (b''.join(frames)[:-len(frames[-1]) // 2], lines * 9 // 10),
        'cut before its first byte.zst': lambda: (frames[0][:len(frames[0]) // 2], 0),
        'checksum.gz': lambda: (gzip.compress(plain)[:-8] + bytes(8), lines - 10),
        'behind.gz': lambda: (gzip.compress(plain) + b'garbage', lines - 10),
    }[name]()
    store = new_store()
    (tmp_path / name).write_bytes(data)
    run = refused(1, 'ingest', '--store', store, '--parser', 'okta', '--format', 'json', tmp_path / name, says=[name, 'recorded as a gap'])
    total = json.loads(run.stdout)['total']
    assert least <= total['parsed'] + total['quarantined'] <= lines
    counts = ledgers.check(store)
    assert counts.get('okta', {}).get('parsed', 0) == total['parsed']
    call('fsck', '--store', store)
    # The parser alone shows the same, and says the same.
    shown = refused(1, 'parse', '--parser', 'okta', tmp_path / name, says=[name])
    assert least <= len(shown.stdout.splitlines()) <= lines


def test_what_is_no_file_is_told_and_loops_end(call, new_store, tmp_path):
    store = new_store()
    folder = tmp_path / 'in'
    (folder / 'deep').mkdir(parents=True)
    (tmp_path / 'out').mkdir()
    (tmp_path / 'out' / 'other.jsonl').write_bytes(OKTA.read_bytes())
    (folder / 'a.jsonl').write_bytes(b''.join(OKTA.read_bytes().splitlines(keepends=True)[:5]))
    os.link(folder / 'a.jsonl', folder / 'hard.jsonl')
    (folder / 'soft.jsonl').symlink_to('a.jsonl')
    (folder / 'nowhere').symlink_to('gone')
    for link, target in [('loop', '.'), ('deep/up', '..'), ('deep/twice', '..'), ('out', '../out')]:
        (folder / link).symlink_to(target)
    os.mkfifo(folder / 'pipe')
    with socket.socket(socket.AF_UNIX) as bound:
        os.chdir(folder)
        bound.bind('socket')
        run = call('ingest', '--store', store, '--parser', 'okta', folder, expect=1, timeout=60)
    lines = run.stderr.decode().splitlines()
    assert [line.split(': ')[2].rsplit('/', 1)[1] for line in lines] == ['nowhere', 'pipe', 'socket', 'out'], lines
    assert ledgers.check(store)['okta']['received'] == 5


def test_five_thousand_small_files(call, new_store, tmp_path):
    store = new_store()
    (tmp_path / 'in').mkdir()
    lines = OKTA.read_bytes().splitlines(keepends=True)
    for number in range(5_000):
        event = json.loads(lines[number % 100])
        event['uuid'] = f'small-{number}'
        (tmp_path / 'in' / f'{number}.jsonl').write_text(json.dumps(event) + '\n')
    call('ingest', '--store', store, '--parser', 'okta', tmp_path / 'in')
    assert ledgers.check(store)['okta'] == {'received': 5_000, 'parsed': 5_000, 'duplicates': 0, 'quarantined': 0, 'skipped': 0}
    before = tree(store)
    call('ingest', '--store', store, '--parser', 'okta', tmp_path / 'in')
    assert {path for path, data in tree(store).items() if before.get(path) != data} <= {'catalogue.sqlite'}
    call('fsck', '--store', store)


def test_a_file_that_grows_while_it_is_read(call, binary, new_store, tmp_path):
    store = new_store()
    lines = OKTA.read_bytes().splitlines(keepends=True)[:300]
    path = tmp_path / 'growing.jsonl'
    path.write_bytes(b''.join(lines[:100]))
    run = subprocess.Popen([binary, 'ingest', '--store', store, '--parser', 'okta', path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with path.open('ab') as file:
        for line in lines[100:]:
            file.write(line[:50])
            file.flush()
            file.write(line[50:])
    run.communicate(timeout=120)
    assert run.returncode == 0
    call('ingest', '--store', store, '--parser', 'okta', path)
    counts = ledgers.check(store)['okta']
    whole = call('parse', '--parser', 'okta', path).stdout
    assert counts['received'] == 300 and counts['quarantined'] == whole.count(b'"quarantined"')
    call('fsck', '--store', store)


# Permissions

def test_files_without_permission(refused, call, nobody, reachable):
    folder, store = reachable / 'in', reachable / 'owned'
    folder.mkdir()
    store.mkdir()
    shutil.copy(OKTA, folder / 'a.jsonl')
    shutil.copy(OKTA, folder / 'closed.jsonl')
    (reachable / 'shut').mkdir(mode=0)
    (folder / 'closed.jsonl').chmod(0)
    if nobody:
        os.chown(store, 65534, 65534)
    call('init', '--store', store, '--origin', ORIGIN, before=nobody)
    both = ['ingest', '--store', store, '--parser', 'okta']
    refused(3, *both, folder / 'closed.jsonl', before=nobody, says=['closed.jsonl', 'permission', 'Nothing was ingested'])
    refused(3, *both, reachable / 'shut', before=nobody, says=['shut', 'permission'])
    refused(1, *both, folder, before=nobody, says=['closed.jsonl', 'Permission denied'])
    refused(3, 'parse', '--parser', 'okta', folder / 'closed.jsonl', before=nobody, says=['closed.jsonl', 'permissions'])
    assert ledgers.check(store)['okta']['received'] == len(OKTA.read_bytes().splitlines())


def test_a_store_of_somebody_else(refused, nobody, reachable, store):
    if not nobody:
        pytest.skip('needs a second user')
    before = tree(store)
    store.chmod(0o755)
    for verb in (['query', 'x'], ['fsck'], ['ingest', '--parser', 'okta', OKTA]):
        refused(3, *verb, '--store', store, before=nobody, says=[store, 'ermission'])
    store.chmod(0o700)
    refused(3, 'query', '--store', store, before=nobody, says=['store.json', 'Permission denied'])
    refused(3, 'init', '--store', store / 'inner', '--origin', ORIGIN, before=nobody, says=['Permission denied'])
    assert tree(store) == before


# Needs the vault, which a question that names nobody does without.
ABOUT_SOMEBODY = 'actor.id:ada@example.org'


def test_a_store_on_a_read_only_disk(call, refused, store, tmp_path):
    mount = tmp_path / 'mount'
    mount.mkdir()
    if os.geteuid() or subprocess.run(['mount', '--bind', store, mount], capture_output=True).returncode:
        pytest.skip('nothing can be mounted here')
    try:
        if subprocess.run(['mount', '-o', 'remount,ro,bind', mount], capture_output=True).returncode:
            pytest.skip('nothing can be mounted read-only here')
        refused(3, 'ingest', '--store', mount, '--parser', 'okta', OKTA, says=['ead-only'])
        call('query', '--store', mount)
        # A question about a person is written down before it is answered.
        for verb in (['query', ABOUT_SOMEBODY], ['fsck']):
            refused(3, *verb, '--store', mount, says=['copy the store to a writable place'])
    finally:
        subprocess.run(['umount', mount], check=True)


# Stores

def test_a_store_of_a_newer_format_is_left_alone(refused, store):
    manifest = json.loads((store / 'store.json').read_text())
    (store / 'store.json').write_text(json.dumps({**manifest, 'version': manifest['version'] + 1}))
    before = tree(store)
    for verb in (['ingest', '--parser', 'okta', OKTA], ['query'], ['fsck'], ['coverage', '--since', '2026-07-01', '--until', '2026-10-01'],
                 ['report', 'run', 'EP-03', '--period', '2026Q3']):
        refused(3, *verb, '--store', store, says=['newer proofline', 'nothing was changed'])
    refused(2, 'init', '--store', store, '--origin', ORIGIN, says=['already'])
    assert tree(store) == before


def test_a_store_in_use_is_not_written_and_can_be_asked(call, refused, binary, store, tmp_path):
    (tmp_path / 'sources.yaml').write_text('version: 1\nsources:\n  - {id: okta, parser: okta, paths: ["none/*"]}\n')
    service = subprocess.Popen([binary, 'run', '--store', store, '--config', tmp_path / 'sources.yaml'], stderr=subprocess.PIPE)
    try:
        assert b'following' in service.stderr.readline()
        time.sleep(0.2)
        refused(3, 'ingest', '--store', store, '--parser', 'okta', OKTA, says=[f'process {service.pid}', 'stop it'])
        refused(3, 'run', '--store', store, '--config', tmp_path / 'sources.yaml', says=[f'process {service.pid}'])
        assert b'60 events' in call('query', '--store', store).stdout
        call('fsck', '--store', store)
    finally:
        service.send_signal(signal.SIGTERM)
        service.communicate(timeout=60)
    assert service.returncode == 0


def first(store, pattern):
    return sorted(store.glob(pattern))[0]


def flip(path, at=200):
    data = bytearray(path.read_bytes())
    data[min(at, len(data) - 1)] ^= 0x40
    path.write_bytes(data)


def without_catalogue(store):
    for path in store.glob('catalogue.sqlite*'):
        path.unlink()


DAMAGE = {
    # what is done, which verb says so with which code and which words, and what fsck says (code, words)
    'segment changed': (lambda s: flip(first(s, 'segments/*.parquet')), 'query', 3, ['.parquet', 'restore'], 1, [b'segment:', b'.parquet']),
    'segment cut': (lambda s: os.truncate(first(s, 'segments/*.parquet'), 100), 'query', 3, ['.parquet', 'restore'], 1, [b'segment:']),
    'segment missing': (lambda s: first(s, 'segments/*.parquet').unlink(), 'query', 3, ['.parquet', 'restore'], 1, [b'segment:']),
    'index changed': (lambda s: flip(first(s, 'segments/*.idx')), None, 0, [], 1, [b'index:', b'rebuilt']),
    'catalogue garbage': (lambda s: (without_catalogue(s), (s / 'catalogue.sqlite').write_bytes(os.urandom(30_000))), 'query', 3,
                          ['catalogue', 'fsck --rebuild'], 1, [b'catalogue:']),
    'catalogue missing': (without_catalogue, 'query', 3, ['catalogue', 'fsck --rebuild'], 1, [b'catalogue:', b'missing']),
    'tiles changed': (lambda s: [flip(path, 3) for path in (s / 'log' / 'tile').rglob('*') if path.is_file()], None, 0, [], 1, [b'tile:']),
    'checkpoint changed': (lambda s: flip(s / 'log' / 'checkpoint', 30), 'query', 3, ['checkpoint', 'restore'], 1, [b'checkpoint:']),
    'checkpoint missing': (lambda s: (s / 'log' / 'checkpoint').unlink(), 'query', 3, ['checkpoint', 'restore'], 1, [b'checkpoint:']),
    'manifest garbage': (lambda s: (s / 'store.json').write_text('{'), 'query', 3, ['store.json', 'backup'], 3, []),
    'manifest missing': (lambda s: (s / 'store.json').unlink(), 'query', 2, ['no proofline store'], 2, []),
    'vault missing': (lambda s: [p.unlink() for p in s.glob('vault/vault.sqlite*')], ['query', ABOUT_SOMEBODY], 3, ['vault.sqlite', 'backup'], 3, []),
    'master key missing': (lambda s: (s / 'vault' / 'master.key').unlink(), ['query', ABOUT_SOMEBODY], 3, ['master.key', 'restore'], 3, []),
    'master key changed': (lambda s: flip(s / 'vault' / 'master.key', 30), ['query', ABOUT_SOMEBODY], 3, ['master.key', 'backup'], 3, []),
    'master key open to all': (lambda s: (s / 'vault' / 'master.key').chmod(0o644), ['query', ABOUT_SOMEBODY], 3, ['chmod 600'], 3, []),
    'quarantine missing': (lambda s: [p.unlink() for p in s.glob('vault/quarantine.sqlite*')], None, 0, [], 1, [b'quarantine:', b'backup']),
    'public key missing': (lambda s: (s / 'keys' / 'log.vkey').unlink(), 'query', 3, ['log.vkey'], 3, []),
}


@pytest.mark.parametrize('damage', DAMAGE)
def test_damage_is_said_by_whoever_meets_it(call, refused, store, damage):
    harm, verb, code, says, fsck_code, fsck_says = DAMAGE[damage]
    harm(store)
    if verb:
        refused(code, *([verb] if isinstance(verb, str) else verb), '--store', store, says=says)
    else:
        call('query', '--store', store)
    run = call('fsck', '--store', store, expect=fsck_code)
    for words in fsck_says:
        assert words in run.stdout, run.stdout
    if fsck_code > 1:
        assert len(run.stderr.splitlines()) == 1
