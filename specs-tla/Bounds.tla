------------------------------- MODULE Bounds -------------------------------
(***************************************************************************)
(* At most so many things in flight at once: who finds no place waits in   *)
(* line, first come first served, and whoever ends hands its place to the  *)
(* first of them, well or not (runtime/parallel.ts, turnstile). Room for   *)
(* loaded code, from which others have to leave, is in Lifecycle; what one *)
(* run may use is in Limits.                                               *)
(*                                                                         *)
(* ASSUMES work ends: calls have time limits, runs have deadlines.         *)
(* ASSUMES everything takes one place; bytes are counted by the drivers    *)
(*   and by the memory plan, each for itself.                              *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
  P,        \* pieces of work, each of which may come again
  Places

VARIABLES
  st,       \* st[p]: out, waits or works
  line,     \* those that wait, the first to come first
  free      \* places that nobody has

vars == <<st, line, free>>
Pieces == 1..P

Init ==
  /\ st = [p \in Pieces |-> "out"]
  /\ line = <<>>
  /\ free = Places

Come(p) ==
  /\ st[p] = "out"
  /\ IF free > 0
     THEN st' = [st EXCEPT ![p] = "works"] /\ free' = free - 1 /\ UNCHANGED line
     ELSE st' = [st EXCEPT ![p] = "waits"] /\ line' = Append(line, p) /\ UNCHANGED free
(* A place goes straight to who waits for it, so that nobody who comes meanwhile takes it. *)
Leave(p) ==
  /\ st[p] = "works"
  /\ IF line = <<>>
     THEN st' = [st EXCEPT ![p] = "out"] /\ free' = free + 1 /\ UNCHANGED line
     ELSE st' = [st EXCEPT ![p] = "out", ![Head(line)] = "works"] /\ line' = Tail(line) /\ UNCHANGED free
Next == \E p \in Pieces : Come(p) \/ Leave(p)
BoundsSpec == Init /\ [][Next]_vars /\ \A p \in Pieces : WF_vars(Leave(p))

----------------------------------------------------------------------------
TypeOK == /\ \A p \in Pieces : st[p] \in {"out", "waits", "works"}
          /\ Len(line) <= P
(* Never more than there are places, and none is lost. *)
Enough == Cardinality({p \in Pieces : st[p] = "works"}) + free = Places
(* No place is free while somebody waits. *)
NoneIdle == line # <<>> => free = 0
(* Who waits stands in line, once. *)
Accounted ==
  /\ \A p \in Pieces : (st[p] = "waits") = (\E i \in 1..Len(line) : line[i] = p)
  /\ Len(line) = Cardinality({p \in Pieces : st[p] = "waits"})

(* Whoever waits gets a place, however many come after. *)
NobodyStarves == \A p \in Pieces : (st[p] = "waits") ~> (st[p] = "works")
(* Whoever has one gives it back. *)
GivenBack == \A p \in Pieces : (st[p] = "works") ~> (st[p] = "out")
=============================================================================
