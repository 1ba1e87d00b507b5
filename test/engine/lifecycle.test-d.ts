// Compile-time checks: `tsc` reads this file, nothing runs it. Each @ts-expect-error must be an error, and each plain
// line must not be one.
import type { Built, Handle } from '../../index.ts'
import type { Phase } from '../../runtime/engine/lifecycle.ts'
import { move } from '../../runtime/engine/lifecycle.ts'

declare const fresh: Phase<'GraphReceived'>
declare const optimizing: Phase<'Optimizing'>
declare const ready: Phase<'Ready'>
declare const executing: Phase<'Executing'>
declare const evicted: Phase<'Evicted'>
declare const failed: Phase<'Failed'>

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => {}

const begun = move(ready, 'Begin')
if (begun._tag === 'Right') {
  same<typeof begun.right, Phase<'Executing'>>(true)
  move(begun.right, 'Rest')
  // @ts-expect-error what executes is not evicted under its runs
  move(begun.right, 'Evict')
}
const retried = move(failed, 'Retry')
if (retried._tag === 'Right') same<typeof retried.right, Phase<'GraphReceived'>>(true)
move(fresh, 'Optimize')
move(optimizing, 'Generate')

// @ts-expect-error nothing runs before it is ready
move(fresh, 'Begin')
// @ts-expect-error code comes after the passes
move(fresh, 'Generate')
// @ts-expect-error what is optimised is not installed yet
move(optimizing, 'Install')
// @ts-expect-error what is gone does not run
move(evicted, 'Begin')
// @ts-expect-error what failed does not run
move(failed, 'Begin')
// @ts-expect-error a run ends where runs are
move(ready, 'Rest')
// @ts-expect-error there is no such action
move(executing, 'Explode')

declare const handle: Handle<{ readonly x: number }, { readonly y: number }>
declare const alike: Built<{ readonly x: number }, { readonly y: number }>
declare const other: Built<{ readonly name: string }, { readonly y: number }>
handle.replace(alike)
// @ts-expect-error a graph with other inputs does not take the place of one
handle.replace(other)
// @ts-expect-error the inputs are those of the graph
void handle.run({ name: 'x' })
