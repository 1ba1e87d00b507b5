----------------------------- MODULE Scheduler -----------------------------
(***************************************************************************)
(* The steps of a block that ask the outside, started as soon as what they *)
(* wait for has succeeded, and the choice of the error that is told. For   *)
(* every program of N steps, every order in which the outside does what it *)
(* was asked and every choice of steps that fail: the answer and the world *)
(* are those of program order. The rule of who waits for whom is that of   *)
(* graph/schedule.ts, the moves are those of runtime/schedule.ts.          *)
(*                                                                         *)
(* ASSUMES the outside does what it was asked once, between the question   *)
(*   and the answer, and does not do what it says has failed (Cancellation *)
(*   is about those of which nobody knows).                                *)
(* ASSUMES a footprint names all that is read and written.                 *)
(* ASSUMES whether a step fails does not depend on steps that it is not    *)
(*   ordered with.                                                         *)
(* ASSUMES a claim asks or checks something that no step writes. Checks    *)
(*   that are made at once, without asking the outside, are settled before *)
(*   later steps begin; test/schedule has those, and not this.             *)
(* ASSUMES fewer steps are free at once than may be in flight (Bounds).    *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets

CONSTANTS
  N,        \* steps of a program
  Tables    \* what is read and written, as numbers from 1

VARIABLES
  kind,     \* kind[k]: what step k of the program is
  table,    \* table[k]: what it touches
  takes,    \* takes[k]: the earlier step whose value it takes, or 0
  ph,       \* ph[k]: how far step k is
  world,    \* world[t]: the step that wrote table t last, or 0
  seen      \* seen[k]: what step k found in its table, if it reads

vars == <<kind, table, takes, ph, world, seen>>

Steps == 1..N
Phases == {"waits", "asked", "acted", "done", "failed"}
(* A read waits for writes to its table, a write for everything before it, and all for what they take. *)
WaitsFor(k, j) ==
  /\ j < k
  /\ \/ takes[k] = j
     \/ kind[k] = "write"
     \/ kind[k] = "read" /\ kind[j] = "write" /\ table[k] = table[j]
(* Everything that has become free is asked at once; after an error only what stands before it. *)
Started(p) ==
  [k \in Steps |->
    IF /\ p[k] = "waits"
       /\ \A j \in Steps : WaitsFor(k, j) => p[j] = "done"
       /\ \A j \in Steps : j < k => p[j] # "failed"
    THEN "asked"
    ELSE p[k]]

Init ==
  /\ kind \in [Steps -> {"read", "write", "claim"}]
  /\ table \in [Steps -> Tables]
  /\ takes \in [Steps -> 0..(N - 1)]
  \* A claim touches no table; it is given the first, so that it is one program and not several.
  /\ \A k \in Steps : takes[k] < k /\ (kind[k] = "claim" => table[k] = 1)
  /\ ph = Started([k \in Steps |-> "waits"])
  /\ world = [t \in Tables |-> 0]
  /\ seen = [k \in Steps |-> 0]

(* The outside does what it was asked. *)
Act(k) ==
  /\ ph[k] = "asked" /\ kind[k] # "claim"
  /\ ph' = [ph EXCEPT ![k] = "acted"]
  /\ world' = IF kind[k] = "write" THEN [world EXCEPT ![table[k]] = k] ELSE world
  /\ seen' = IF kind[k] = "read" THEN [seen EXCEPT ![k] = world[table[k]]] ELSE seen
  /\ UNCHANGED <<kind, table, takes>>
Succeed(k) ==
  /\ ph[k] = (IF kind[k] = "claim" THEN "asked" ELSE "acted")
  /\ ph' = Started([ph EXCEPT ![k] = "done"])
  /\ UNCHANGED <<kind, table, takes, world, seen>>
Fail(k) ==
  /\ ph[k] = "asked"
  /\ ph' = Started([ph EXCEPT ![k] = "failed"])
  /\ UNCHANGED <<kind, table, takes, world, seen>>
Next == \E k \in Steps : Act(k) \/ Succeed(k) \/ Fail(k)

(* The outside does what it was asked, unless it says no; and it answers. *)
SchedulerSpec ==
  /\ Init /\ [][Next]_vars
  /\ \A k \in Steps : WF_vars(Act(k)) /\ WF_vars(Succeed(k))

----------------------------------------------------------------------------
TypeOK ==
  /\ \A k \in Steps : ph[k] \in Phases /\ seen[k] \in 0..N
  /\ \A t \in Tables : world[t] \in 0..N

(* The block answers: all is done, or something has failed and nothing is in flight. *)
Answered ==
  \/ \A k \in Steps : ph[k] = "done"
  \/ /\ \E k \in Steps : ph[k] = "failed"
     /\ \A k \in Steps : ph[k] \notin {"asked", "acted"}
(* Up to where program order comes: the first step that fails, or the end. *)
Before(k) == \A j \in Steps : j <= k => ph[j] # "failed"
(* The last write to a table among the steps before k, in program order. *)
LastWrite(t, k) ==
  LET w == {j \in Steps : j < k /\ kind[j] = "write" /\ table[j] = t /\ Before(j)}
  IN IF w = {} THEN 0 ELSE CHOOSE j \in w : \A i \in w : i <= j

(* The first error in program order is the answer: all before it has been done, and found what it finds in program order. *)
SameAnswer ==
  Answered => \A k \in Steps : Before(k) =>
    /\ ph[k] = "done"
    /\ kind[k] = "read" => seen[k] = LastWrite(table[k], k)
SameWorld == Answered => \A t \in Tables : world[t] = LastWrite(t, N + 1)
(* Nothing is written before everything that stands before it has succeeded. *)
WritesWait ==
  \A k \in Steps : kind[k] = "write" /\ ph[k] # "waits" => \A j \in Steps : j < k => ph[j] = "done"

(* Every block answers. *)
Ends == TRUE ~> Answered
(* Whatever was asked is answered. *)
AllAnswered == \A k \in Steps : (ph[k] = "asked") ~> (ph[k] \in {"done", "failed"})
=============================================================================
