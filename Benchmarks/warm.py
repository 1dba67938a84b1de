"""The ten questions to processes that stay open: one warm-up each, then repetitions with the engines in turn."""
import json
import statistics
import subprocess
import sys

import measure
import proofline
import questions


class PeerProcess:
    def __init__(self, bench, name, data, threads):
        self.child = subprocess.Popen([sys.executable, str(bench.here / 'peer.py'), 'serve', name, str(bench.store(name)), str(data), str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=open(bench.scratch / f'{name}-serve.log', 'wb'), text=True)
        self.reply()

    def reply(self):
        line = self.child.stdout.readline()
        if not line:
            raise measure.Failed('the peer ended; see its log')
        reply = json.loads(line)
        if 'error' in reply:
            raise measure.Failed(reply['error'])
        return reply

    def ask(self, question, compare):
        self.child.stdin.write(f'{question.name}{" compare" if compare else ""}\n')
        self.child.stdin.flush()
        reply = self.reply()
        return reply['ms'], None, reply.get('answer')

    def close(self):
        self.child.stdin.close()
        self.child.wait(60)


class OurShell:
    def __init__(self, bench, facts):
        self.shell, self.facts = bench.proofline.shell(bench.store('proofline')), facts

    def ask(self, question, compare):
        outside, own, body = self.shell.answer(question.text(self.facts))
        return outside, own, proofline.answer_digest(question, body) if compare else None

    def close(self):
        self.shell.close()


class OurProcesses:
    """Where the binary has no shell yet: a process for each answer. Slower than warm, and said so in the table."""

    def __init__(self, bench, facts):
        self.bench, self.facts = bench, facts

    def ask(self, question, compare):
        if '|' in question.ours and not self.bench.proofline.has_pipes:
            raise measure.Failed('this binary has no aggregates')
        out = self.bench.scratch / 'answer.jsonl'
        use = measure.run(self.bench.proofline.query(self.bench.store('proofline'), question.text(self.facts)), env=self.bench.proofline.env, log=out)
        return use.wall * 1000, None, proofline.answer_digest(question, out.read_bytes()) if compare else None

    def close(self):
        pass


def run(bench, data, facts, engines, repetitions, threads=2):
    """{question: {engine: {ms: [...], median, rows} or {error}, 'agree': bool}}"""
    open_, results = {}, {question.name: {} for question in bench.questions}
    for name in engines:
        try:
            if name == 'proofline':
                open_[name] = OurShell(bench, facts) if bench.proofline.has_shell else OurProcesses(bench, facts)
            else:
                open_[name] = PeerProcess(bench, name, data, threads)
        except (measure.Failed, OSError, ValueError) as failure:
            for row in results.values():
                row[name] = {'error': str(failure)[:300]}
    for question in bench.questions:
        row, answers = results[question.name], {}
        for name, process in open_.items():  # the warm-up, whose answers are compared
            try:
                _, _, answers[name] = process.ask(question, compare=True)
                row[name] = {'ms': [], 'own_ms': [], **answers[name]}
            except (measure.Failed, OSError, ValueError, TypeError, KeyError) as failure:
                row[name] = {'error': str(failure)[:300]}
        for _ in range(repetitions):
            for name, process in open_.items():
                if 'error' in row[name]:
                    continue
                try:
                    outside, own, _ = process.ask(question, compare=False)
                    row[name]['ms'].append(round(outside, 3))
                    if own is not None:
                        row[name]['own_ms'].append(own)
                except (measure.Failed, OSError, ValueError) as failure:
                    row[name] = {'error': str(failure)[:300]}
        for result in row.values():
            if result.get('ms'):
                result['median'] = statistics.median(result['ms'])
        hashes = {name: answer['hash'] for name, answer in answers.items()}
        known = facts['needles'].get(question.needle) if question.needle else None
        row['agree'] = len(set(hashes.values())) <= 1 and all(known is None or answer['rows'] == known for answer in answers.values())
        row['known'] = known
        bench.say(f'  warm {question.name:12}' + '  '.join(f'{name} {row[name]["median"]:.2f}' if 'median' in row[name] else f'{name} failed' for name in engines)
                  + ('' if row['agree'] else f'   ANSWERS DIFFER {answers} known {known}'))
    for process in open_.values():
        try:
            process.close()
        except (OSError, subprocess.TimeoutExpired):
            process.child.kill()
    return results
