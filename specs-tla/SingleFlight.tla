---------------------------- MODULE SingleFlight ----------------------------
(***************************************************************************)
(* What is remembered of a computation that several may want at once, for  *)
(* one key (runtime/cache.ts): whoever comes while it is under way waits   *)
(* for it, failures are of the one that met them, a write forgets what was *)
(* read before it, and so does time.                                       *)
(*                                                                         *)
(* ASSUMES a computation reads what it reads at one moment.                *)
(* ASSUMES a write is heard of after it was done and before its writer     *)
(*   goes on; writes that nobody here makes are a declared staleness.      *)
(* ASSUMES the clock is monotonic, so that what was forgotten stays so.    *)
(* ASSUMES keys do not meet: how many are kept is another matter.          *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
  C,        \* who asks, each once
  Writes    \* how often what is read changes

VARIABLES
  st,       \* st[c]: idle, waits, computes, done or failed
  on,       \* on[c]: whose computation c waits for, or 0
  got,      \* got[c]: which version the computation of c has read, plus one, or 0
  ans,      \* ans[c]: the version that c was given, plus one, or 0
  since,    \* since[c]: the version that had been acknowledged when c asked, plus one, or 0
  cell,     \* whose computation is remembered, or 0
  line,     \* those that wait, in the order in which they came
  now,      \* the version of what is read
  heard,    \* the version that was acknowledged
  herd      \* something failed, or was forgotten

vars == <<st, on, got, ans, since, cell, line, now, heard, herd>>
Callers == 1..C

Init ==
  /\ st = [c \in Callers |-> "idle"]
  /\ on = [c \in Callers |-> 0]
  /\ got = [c \in Callers |-> 0]
  /\ ans = [c \in Callers |-> 0]
  /\ since = [c \in Callers |-> 0]
  /\ cell = 0 /\ line = <<>> /\ now = 0 /\ heard = 0 /\ herd = FALSE

Waits(w, c) == st[w] = "waits" /\ on[w] = c
Others(c) == SelectSeq(line, LAMBDA w : on[w] # c)
Those(c) == SelectSeq(line, LAMBDA w : on[w] = c)

(* What is there already is an answer at once; what is under way is waited for. *)
Ask(c) ==
  /\ st[c] = "idle"
  /\ since' = [since EXCEPT ![c] = heard + 1]
  /\ IF cell = 0
     THEN /\ st' = [st EXCEPT ![c] = "computes"] /\ cell' = c
          /\ UNCHANGED <<on, ans, line>>
     ELSE IF st[cell] = "done"
     THEN /\ st' = [st EXCEPT ![c] = "done"] /\ ans' = [ans EXCEPT ![c] = got[cell]]
          /\ UNCHANGED <<on, line, cell>>
     ELSE /\ st' = [st EXCEPT ![c] = "waits"] /\ on' = [on EXCEPT ![c] = cell] /\ line' = Append(line, c)
          /\ UNCHANGED <<ans, cell>>
  /\ UNCHANGED <<got, now, heard, herd>>
Look(c) ==
  /\ st[c] = "computes" /\ got[c] = 0
  /\ got' = [got EXCEPT ![c] = now + 1]
  /\ UNCHANGED <<st, on, ans, since, cell, line, now, heard, herd>>
(* Whoever waits for it is given it as well. *)
Answer(c) ==
  /\ st[c] = "computes" /\ got[c] # 0
  /\ st' = [w \in Callers |-> IF w = c \/ Waits(w, c) THEN "done" ELSE st[w]]
  /\ ans' = [w \in Callers |-> IF w = c \/ Waits(w, c) THEN got[c] ELSE ans[w]]
  /\ on' = [w \in Callers |-> IF Waits(w, c) THEN 0 ELSE on[w]]
  /\ line' = Others(c)
  /\ UNCHANGED <<got, since, cell, now, heard, herd>>
(* The error is told to one; whoever waited computes for itself, and the last of them is the one remembered. *)
Fail(c) ==
  /\ st[c] = "computes"
  /\ st' = [w \in Callers |-> IF w = c THEN "failed" ELSE IF Waits(w, c) THEN "computes" ELSE st[w]]
  /\ on' = [w \in Callers |-> IF Waits(w, c) THEN 0 ELSE on[w]]
  /\ cell' = IF Those(c) # <<>> THEN Those(c)[Len(Those(c))] ELSE IF cell = c THEN 0 ELSE cell
  /\ line' = Others(c)
  /\ herd' = TRUE
  /\ UNCHANGED <<got, ans, since, now, heard>>
(* What is read changes, and then everybody hears of it. *)
Write ==
  /\ now < Writes /\ now = heard
  /\ now' = now + 1
  /\ UNCHANGED <<st, on, got, ans, since, cell, line, heard, herd>>
Hear ==
  /\ heard < now
  /\ heard' = now /\ cell' = 0 /\ herd' = TRUE
  /\ UNCHANGED <<st, on, got, ans, since, line, now>>
Expire ==
  /\ cell # 0
  /\ cell' = 0 /\ herd' = TRUE
  /\ UNCHANGED <<st, on, got, ans, since, line, now, heard>>

Next == (\E c \in Callers : Ask(c) \/ Look(c) \/ Answer(c) \/ Fail(c)) \/ Write \/ Hear \/ Expire
SingleFlightSpec ==
  /\ Init /\ [][Next]_vars
  /\ \A c \in Callers : WF_vars(Look(c)) /\ WF_vars(Answer(c))
  /\ WF_vars(Hear)

----------------------------------------------------------------------------
TypeOK ==
  /\ \A c \in Callers :
       /\ st[c] \in {"idle", "waits", "computes", "done", "failed"} /\ on[c] \in 0..C
       /\ got[c] \in 0..(Writes + 1) /\ ans[c] \in 0..(Writes + 1) /\ since[c] \in 0..(Writes + 1)
  /\ cell \in 0..C /\ now \in 0..Writes /\ heard \in 0..now /\ Len(line) <= C

(* Nobody is given what was read before a write that had been acknowledged when it asked. *)
Fresh == \A c \in Callers : st[c] = "done" => ans[c] >= since[c]
(* Whoever failed has computed itself, and nothing that failed is remembered. *)
OwnFailures ==
  /\ \A c \in Callers : st[c] = "failed" => ans[c] = 0 /\ on[c] = 0
  /\ cell # 0 => st[cell] \in {"computes", "done"}
(* As long as nothing fails and nothing is forgotten, it is computed once. *)
Once == ~herd => Cardinality({c \in Callers : st[c] = "computes"}) <= 1
(* Who waits waits for something that is under way, and stands in the line. *)
WaitsForSomething ==
  \A c \in Callers : (st[c] = "waits") =>
    /\ st[on[c]] = "computes"
    /\ \E i \in 1..Len(line) : line[i] = c

(* Whoever asks is answered. *)
Ends == \A c \in Callers : (st[c] \in {"waits", "computes"}) ~> (st[c] \in {"done", "failed"})
(* A write is heard of. *)
Heard == (heard < now) ~> (heard = now)
=============================================================================
