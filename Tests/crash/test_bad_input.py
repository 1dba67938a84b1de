"""Bad input: one clear line that says what to do, the right exit code, and a store unharmed."""
import gzip
import json
import os
import shutil
import subprocess

import pytest

from conftest import QUARTER
from stores import check_ledger, quarantined

OKTA = sorted((QUARTER / 'okta').glob('*.jsonl'))[0]


@pytest.fixture
def store(new_store):
    return new_store()


def tree(store):
    return {path.relative_to(store): path.read_bytes() for path in sorted(store.rglob('*')) if path.is_file() and path.suffix not in ('.sqlite-wal', '.sqlite-shm')}


def refused(call, store, code, *arguments, says):
    """The call ends with the code and one line that says so; nothing in the store changed."""
    before = tree(store)
    run = call(*arguments, expect=(code,))
    lines = run.stderr.strip().splitlines()
    assert len(lines) == 1, run.stderr
    for word in says:
        assert word in lines[0], lines[0]
    assert tree(store) == before
    call('fsck', '--store', store)


def test_a_missing_file(call, store):
    refused(call, store, 2, 'ingest', '--store', store, '--parser', 'okta', OKTA, '/nowhere/okta.log', says=['/nowhere/okta.log', 'no such file'])


def test_a_folder_without_permission(binary, call, store, tmp_path):
    folder = tmp_path / 'closed'
    folder.mkdir()
    shutil.copy(OKTA, folder)
    folder.chmod(0)
    try:
        if os.geteuid() == 0:
            # Root may read everything: give its capabilities up for the call.
            if not shutil.which('setpriv'):
                pytest.skip('setpriv is not there')
            for path in [store, *store.rglob('*')]:
                os.chown(path, 65534, 65534)
            for path in tmp_path.parents:
                if path.stat().st_uid == 0 and not path.stat().st_mode & 0o001:
                    path.chmod(path.stat().st_mode | 0o011)
            os.chmod(tmp_path, 0o755)
            run = subprocess.run(
                ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', binary, 'ingest', '--store', store, '--parser', 'okta', folder],
                capture_output=True, text=True)
            if 'setpriv' in run.stderr or run.returncode in (126, 127):
                pytest.skip('privileges cannot be given up here: ' + run.stderr)
        else:
            run = call('ingest', '--store', store, '--parser', 'okta', folder, expect=(3,))
        assert run.returncode == 3, run.stderr
        lines = run.stderr.strip().splitlines()
        assert len(lines) == 1 and 'permission' in lines[0] and str(folder) in lines[0], run.stderr
    finally:
        folder.chmod(0o755)


def test_a_truncated_gzip_is_read_as_far_as_it_goes(call, store, tmp_path):
    whole = gzip.compress(OKTA.read_bytes())
    cut = tmp_path / 'okta.jsonl.gz'
    cut.write_bytes(whole[:len(whole) // 2])
    run = call('ingest', '--store', store, '--parser', 'okta', cut, '--format', 'json', expect=(1,))
    lines = run.stderr.strip().splitlines()
    assert len(lines) == 1 and str(cut) in lines[0] and 'ends before' in lines[0]
    report = json.loads(run.stdout)
    assert 0 < report['total']['parsed'] < len(OKTA.read_bytes().splitlines())
    # As long as the file is damaged it is a finding, but nothing is added again.
    size = (store / 'log' / 'checkpoint').read_text().splitlines()[1]
    call('ingest', '--store', store, '--parser', 'okta', cut, expect=(1,))
    assert (store / 'log' / 'checkpoint').read_text().splitlines()[1] == size
    # The whole file comes later: nothing is lost, nothing is there twice.
    cut.write_bytes(whole)
    call('ingest', '--store', store, '--parser', 'okta', cut)
    sizes, sums = check_ledger(store)
    assert sizes == {'okta': len(OKTA.read_bytes())}
    whole_file = call('parse', '--parser', 'okta', OKTA).stdout
    assert sums['quarantined'] == whole_file.count('"quarantined"') == quarantined(store)
    call('fsck', '--store', store)


def test_an_unknown_parser(call, store):
    refused(call, store, 2, 'ingest', '--store', store, '--parser', 'octa', OKTA, says=['octa', 'did you mean `okta`'])


def test_a_definition_with_a_typo(call, store, tmp_path):
    folder = tmp_path / 'mine' / 'okta'
    shutil.copytree(QUARTER.parents[1] / 'parsers' / 'okta', folder)
    text = (folder / 'parser.yaml').read_text()
    (folder / 'parser.yaml').write_text(text.replace('\ntitle:', '\ntitel:', 1))
    refused(call, store, 2, 'ingest', '--store', store, '--parsers', tmp_path / 'mine', '--parser', 'okta', OKTA,
            says=['parser.yaml:', 'titel', 'title'])


def test_a_configuration_with_a_typo(call, store, tmp_path):
    config = tmp_path / 'sources.yaml'
    config.write_text('version: 1\nsources:\n  - id: okta\n    parsr: okta\n    paths: ["*.log"]\n')
    refused(call, store, 2, 'ingest', '--store', store, '--config', config, says=[f'{config}:4:', 'parsr', 'did you mean `parser`'])


def test_a_store_of_a_newer_format(call, store):
    manifest = store / 'store.json'
    text = json.loads(manifest.read_text())
    key = next(name for name in text if 'format' in name.lower() or name == 'v')
    manifest.write_text(json.dumps({**text, key: 999}))
    before = tree(store)
    run = call('ingest', '--store', store, '--parser', 'okta', OKTA, expect=(3,))
    assert len(run.stderr.strip().splitlines()) == 1 and 'newer' in run.stderr
    assert tree(store) == before


def test_no_store(call, tmp_path):
    run = call('ingest', '--store', tmp_path / 'nothing', '--parser', 'okta', OKTA, expect=(2,))
    assert len(run.stderr.strip().splitlines()) == 1 and 'proofline init' in run.stderr
    assert not (tmp_path / 'nothing').exists()


def test_a_second_init(call, store):
    refused(call, store, 2, 'init', '--store', store, '--origin', 'example.org/x', says=['there is a store here already'])


def test_an_unreadable_pattern_is_a_finding(call, store, tmp_path):
    config = tmp_path / 'sources.yaml'
    config.write_text(f'version: 1\nsources:\n  - id: okta\n    parser: okta\n    paths: ["{OKTA}"]\n'
                      '  - id: other\n    parser: okta\n    paths: ["nothing/*.log"]\n')
    run = call('ingest', '--store', store, '--config', config, expect=(1,))
    assert len(run.stderr.strip().splitlines()) == 1 and 'no file matches' in run.stderr
