import { canonical } from '../../../graph/make.ts'
import { ownAssumptions } from '../../assumptions/own.ts'
import type { Shown } from '../judge.ts'
import { holds, missing, refuted } from '../judge.ts'
import { buildsOf, ofGraph } from './graph.ts'
import { entriesOf } from './inventory.ts'
import type { Looking, Owed } from './owed.ts'
import { owed, sha256 } from './owed.ts'
import type { Artefact, Project, Renewed } from './subject.ts'
import { artefactsOf } from './subject.ts'

/** Everything that has to be shown of a project. */
export const owedBy = (p: Project, l: Looking): readonly Owed[] => [
  ...p.graphs.flatMap((g) => [...ofGraph(g, p, l), ...g.artefacts.map((a) => sameBytes(a, g.file))]),
  ...artefactsOf(p).flatMap((a) => (a.relax.length === 0 ? [] : [relaxedAs(a, l)])),
  ...p.broken.map((b) =>
    owed(
      `graph/${b.file}/reads`,
      `${b.file} is a graph that can be built`,
      b.fix,
      ['passes'],
      b.place ?? { file: b.file },
      () => ({
        ...refuted(b.what, { ...(b.place === undefined ? {} : { place: b.place }), fix: b.fix }),
        rests: l.hashOf(b.file),
      }),
    ),
  ),
  ...p.orphans.flatMap((a) => [sameBytes(a, undefined), sourceOf(a)]),
  ...renewals(p),
  ...scans(p, l),
  ...p.allowed.map((a, i) =>
    owed(
      `scan/allowed-${i + 1}`,
      `${a.rule} in ${a.file} is allowed because of '${a.assumption}', which is an assumption of a graph here or of Quoin`,
      'declare it among the assumptions of a driver of the graph, or correct its name',
      ['unsafe'],
      a.place,
      () => {
        const known = p.graphs.some((g) => entriesOf(g, buildsOf(g, l)).some((e) => e.id === a.assumption))
        const found =
          known || ownAssumptions().some((o) => o.id === a.assumption)
            ? holds({ kind: 'assumed', assumption: a.assumption, why: 'it is allowed in quoin.json' })
            : refuted(`nobody declares '${a.assumption}'`)
        return { ...found, rests: sha256(canonical({ rule: a.rule, file: a.file, assumption: a.assumption })) }
      },
    ),
  ),
  ...p.packages.map((name) =>
    owed(
      `scan/package-${name}`,
      `the package ${name}, which graph files use, does nothing that nobody declared`,
      'do without it, or pin it and read it',
      ['unsafe'],
      undefined,
      () => ({
        ...holds({
          kind: 'assumed',
          assumption: `package:${name}`,
          why: 'what was installed is not read by the scanners',
        }),
        rests: sha256(name),
      }),
    ),
  ),
]

/** All bytes of an artefact, as they were read. */
const restsOn = (a: Artefact): string => sha256(canonical(a.files))
const placeOf = (a: Artefact) => ({ file: `${a.directory}/manifest.json`, line: a.line })

const sameBytes = (a: Artefact, source: string | undefined): Owed =>
  owed(
    `artefact/${a.directory}/same-bytes`,
    source === undefined
      ? `${a.directory} holds what its manifest names, and nothing else`
      : `${a.directory} is, byte for byte, what is generated from ${source} now`,
    source === undefined ? 'build it again with quoin build' : `quoin build ${source}`,
    ['conformance', 'warnings'],
    placeOf(a),
    () => {
      const [first] = a.wrong
      if (first === undefined)
        return {
          ...holds({ kind: 'exhausted', domain: 'every byte of its files; in names.json, all but names and lines' }),
          rests: restsOn(a),
        }
      const more = { fix: first.fix, ...(first.place === undefined ? {} : { place: first.place }) }
      return { ...refuted(a.wrong.map((w) => w.what).join('; '), more), rests: restsOn(a) }
    },
  )

/** Bytes that agree with one another say nothing about a graph. */
const sourceOf = (a: Artefact): Owed =>
  owed(
    `artefact/${a.directory}/source`,
    `the graph file of ${a.directory} is in this project, and gives these bytes`,
    'add the graph file it was built from, or remove the artefact',
    ['conformance', 'passes'],
    placeOf(a),
    () => ({ ...missing('no graph file here has its name, so nothing of what it does was tried'), rests: restsOn(a) }),
  )

/** Relaxed laws change the last bits of answers, so that they are used is said by who verifies, and not only by who built. */
const relaxedAs = (a: Artefact, l: Looking): Owed => {
  const denied = a.relax.filter((m) => !l.relax.includes(m))
  return owed(
    `artefact/${a.directory}/relaxed`,
    `${a.directory} was built with no relaxed laws but those that are allowed here`,
    `build it again without --relax, or allow it: quoin verify${denied.map((m) => ` --relax ${m}`).join('')}`,
    ['unsafe', 'conformance'],
    { ...placeOf(a), line: a.relaxLine },
    () => ({
      ...(denied.length === 0
        ? holds({ kind: 'exhausted', domain: `the modes it was built with: ${a.relax.join(', ')}` })
        : refuted(
            `it was built with ${denied.join(', ')}: answers may differ from the interpreter's in their last bits`,
          )),
      rests: restsOn(a),
    }),
  )
}

const renewals = (p: Project): readonly Owed[] => {
  const known = new Map(artefactsOf(p).map((a) => [a.directory, a]))
  return p.renewed.map(({ directory, because }: Renewed) =>
    owed(
      `artefact/${directory}/verified`,
      `${directory} rests on what it rested on when it was verified`,
      'verify it again: quoin verify --summary',
      ['inventory'],
      { file: `${directory}/manifest.json`, line: known.get(directory)?.line ?? 1 },
      () => {
        const a = known.get(directory)
        const rests = a === undefined ? '' : restsOn(a)
        return because.length === 0
          ? { ...holds({ kind: 'exhausted', domain: 'every part of what it rested on' }), rests }
          : { ...refuted(because.join('; ')), rests }
      },
    ),
  )
}

/** One obligation for each finding; where there are none, one for all files. */
const scans = (p: Project, l: Looking): readonly Owed[] => {
  const claim = 'sources and generated code do nothing that the inventory does not know'
  if (p.scanned.length === 0) {
    const all: Shown = {
      ...holds({ kind: 'exhausted', domain: `${p.scannedFiles} files, by the rules of the scanners` }),
      rests: '',
    }
    return [owed('scan/sources', claim, 'correct what was found', ['unsafe'], undefined, () => all)]
  }
  // One line may break one rule more than once.
  const seen = new Map<string, number>()
  return p.scanned.map((f) => {
    const id = `scan/${f.place.file}/${f.rule}:${f.place.line ?? 0}`
    const nth = (seen.get(id) ?? 0) + 1
    seen.set(id, nth)
    return owed(nth === 1 ? id : `${id}:${nth}`, claim, f.fix, ['unsafe'], f.place, () => ({
      ...refuted(f.what, { place: f.place, fix: f.fix }),
      rests: l.hashOf(f.place.file),
    }))
  })
}
