"""The core with one rule broken: small exact replacements of text in one file of src/lock.

  mutants.py list                      each mutant: its name, its file, who must find it
  mutants.py make NAME SOURCE OUTPUT   writes SOURCE with NAME's replacements to OUTPUT

A test that links the result finds the broken rule, or it is no test of that rule. The core needs no hooks for this; a
replacement whose text is not found exactly once ends the build, so that a mutant cannot outlive the code it breaks.
"""
import sys


class Mutant:
    def __init__(self, name, file, broken, *replacements, found_by='sim'):
        self.name, self.file, self.broken = name, file, broken
        self.replacements, self.found_by = replacements, found_by


MUTANTS = [
    Mutant('r2-same-bytes', 'holder.cpp', 'a renewal repeats the bytes of the last write',
           ('  next.write_id = nonce(*target_.random);  // R2\n  next.seq = record_->seq + 1;\n', ''),
           ('  next.renewed = wall;\n', ''),
           ('  next.ttl = lease == Duration::zero() ? lease : std::max(Duration(1), (now - began_) + lease);\n', '')),
    Mutant('r3-renewal-from-answer', 'renew.cpp', 'a renewal counts from its answer',
           ('return extend(sent, lease);', 'return extend(clock.now(), lease);')),
    Mutant('r3-grant-from-answer', 'attempt.cpp', 'a grant counts from its answer',
           ('return won(share(std::move(granted->record)), landed->version, sent);',
            'return won(share(std::move(granted->record)), landed->version, clock.now());')),
    Mutant('r3-no-margin', 'judge.cpp', 'the holder counts the whole lease although clocks differ',
           ('guarantee.shared_clock ? lease : lease - lease / 4', 'lease')),
    Mutant('r4-from-send', 'acquire.cpp', 'an observation counts from the send of the read',
           ('  if (!there) return create();  // optimistic\n',
            '  if (!there) {\n    looked_ = target_.clock->now();\n    return create();\n  }\n'),
           ('  target_.store->arm(target_.key, hint_);\n',
            '  looked_ = target_.clock->now();\n  target_.store->arm(target_.key, hint_);\n'),
           ('const Moment moment{target_.clock->now(), target_.clock->wall()};', 'const Moment moment{looked_, target_.clock->wall()};'),
           ('  BootTime started_;\n', '  BootTime started_;\n  BootTime looked_ = started_;\n')),
    Mutant('r4-from-earlier-version', 'observations.cpp', 'a new version does not begin a new observation',
           ('at->second = {version, receipt};', 'at->second.version = version;')),
    Mutant('r4-own-lease', 'judge.cpp', "an observer waits for a lease of its own, not for the record's",
           ('std::max<Duration>(record.lease, network_floor)', 'Duration(seconds(2))')),
    Mutant('r5-release-before-stop', 'release.cpp', 'a release is sent while its holder still believes',
           ('  switch (belief_.stop()) {', '  switch (belief_.state(target_.clock->now(), target_.clock->wall())) {'),
           ('  leaving_ = true;\n  return give_back(call);\n',
            '  leaving_ = true;\n  auto done = give_back(call);\n  belief_.stop();\n  return done;\n')),
    Mutant('r6-refused-create-final', 'attempt.cpp', 'a refused create is never recognised as the echo of an own copy',
           ('  if (!is_grant(back, there)) return std::nullopt;\n', '  return std::nullopt;\n'),
           ('if (is_grant(back, *look)) return won(back.record, (*look)->version',
            'if (open && is_grant(back, *look)) return won(back.record, (*look)->version')),
    Mutant('r6-refused-renewal-final', 'renew.cpp', 'a refused renewal means lost',
           ('      belief_.note_trouble(true);\n',
            '      if (put && std::holds_alternative<Refused>(*put)) belief_.lose(Loss::replaced);\n'
            '      belief_.note_trouble(true);\n')),
    Mutant('r6-adopted-from-now', 'holder.cpp', 'an adopted write counts from its adoption',
           ('extend(back.write->sent, back.write->lease)', 'extend(target_.clock->now(), back.write->lease)')),
    Mutant('r6-absent-final', 'attempt.cpp', 'an absent record ends a create that may still land',
           ('back.found == Found::expected : back.found == Found::absent;', 'back.found == Found::expected : false;')),
    Mutant('r6-release-unresolved', 'release.cpp', 'a release whose record still stands there counts as done',
           ('        case Found::expected: {\n', '        case Found::expected: {\n          return gone();\n')),
    Mutant('r8-revived', 'belief.cpp', 'a renewal whose answer comes after the loss makes the lock held again',
           ('    if (is_loss(word) || word == released) return false;\n'
            '    const BootTime until(Duration(word > 0 ? word : -word));\n'
            '    if (until != never && now >= until) {  // R8: between the old deadline and now somebody may have heard "no"\n'
            '      if (end(word, Loss::expired)) return false;\n'
            '      continue;\n'
            '    }\n',
            '    if (word == released) return false;\n')),
    Mutant('r8-given-back-adopted', 'attempt.cpp', 'a grant that was given back, its removal still on its way, is taken after all',
           ('void Attempt::start_anew() { journal_ = Journal(nonce(*target_.random)); }', 'void Attempt::start_anew() {}'),
           found_by='unit-lock'),  # one seed in some ten thousand
    Mutant('r9-not-lowered', 'renew.cpp', 'a shorter lease does not lower the deadline until it is answered',
           ('    belief_.lower(holder_deadline(sent, lease, guarantee_));  // R9\n', '')),
    Mutant('r10-late-renewal-left', 'release.cpp', 'a renewal that lands before the release is left behind',
           ('          if (back.write->released) return gone();\n', '          return gone();\n')),
    Mutant('r15-step-unseen', 'belief.cpp', 'a step of the wall clock is not noticed',
           ('if (drift <= bound && drift >= -bound) return State::held;', 'return State::held;')),
    Mutant('f02-own-create-unseen', 'acquire.cpp', 'a waiter takes its own late create for a stranger\'s',
           ('  if (auto own = attempt_.own(*there)) return std::move(*own);\n', '')),
    Mutant('keep-token-restart', 'attempt.cpp', 'a grant in keep mode does not continue the token that it read',
           ('  if (previous && record_stays) return *previous + 1;\n', ''),
           ('std::max(previous.value_or(0) + 1, floor_us.value_or(0))', 'floor_us.value_or(1)')),
    Mutant('keep-by-caller', 'attempt.cpp', 'whether a record keeps its token is decided by each caller',
           ('options_.keep || (previous && previous->keep)', 'options_.keep')),
    Mutant('keep-removed', 'release.cpp', 'a record that keeps its token is removed',
           ('record_->keep || !guarantee_.conditional_remove', '!guarantee_.conditional_remove')),
    Mutant('foreign-robbed', 'judge.cpp', "another program's record is replaced before its TTL is over",
           ('if (moment.wall > expiry)', 'if (true)')),
    Mutant('endless-expires', 'judge.cpp', 'a lock without a TTL is taken for one with the shortest',
           ('  if (record.lease == Duration::zero())\n'
            '    return decide(out, Standing::held, Evidence::none, "held without a TTL: no time ends it");\n', '')),
]


def make(name, source, output):
    [mutant] = [one for one in MUTANTS if one.name == name]
    with open(source, encoding='utf-8') as file:
        text = file.read()
    for old, new in mutant.replacements:
        if text.count(old) != 1:
            sys.exit(f'mutant {name}: its text stands {text.count(old)} times in {mutant.file}, must be once:\n{old}')
        text = text.replace(old, new)
    with open(output, 'w', encoding='utf-8') as file:
        file.write(f'// Mutant {name}: {mutant.broken}.\n{text}')


if __name__ == '__main__':
    if sys.argv[1:] == ['list']:
        for one in MUTANTS:
            print(one.name, one.file, one.found_by)
    elif len(sys.argv) == 5 and sys.argv[1] == 'make':
        make(*sys.argv[2:])
    else:
        sys.exit(__doc__)
