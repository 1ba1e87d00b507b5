----------------------------- MODULE Placement -----------------------------
(***************************************************************************)
(* Steps that were placed on two sites (passes/place), between which       *)
(* messages are lost, late and repeated: site 1 runs the program, does its *)
(* own steps, and asks site 2 for the others until it has the answer; site *)
(* 2 remembers what it has answered. There is no runtime for this yet: the *)
(* protocol is model-checked, and nothing holds it against code.           *)
(*                                                                         *)
(* ASSUMES a message that is sent again and again arrives at last.         *)
(* ASSUMES a message that arrives is one that was sent, unchanged.         *)
(* ASSUMES neither site forgets; what a crash takes is not modelled.       *)
(* ASSUMES steps follow one another; which may overlap is in Scheduler.    *)
(***************************************************************************)
EXTENDS Naturals

CONSTANTS
  N         \* steps

VARIABLES
  site,     \* site[k]: where step k is done
  at,       \* the step that it is at; N + 1 when all is done
  ask,      \* ask[k]: a question for step k is under way
  tell,     \* tell[k]: an answer to it is under way
  kept,     \* kept[k]: site 2 remembers the answer
  times     \* times[k]: how often step k was done

vars == <<site, at, ask, tell, kept, times>>
Steps == 1..N

Init ==
  /\ site \in [Steps -> {1, 2}]
  /\ at = 1
  /\ ask = [k \in Steps |-> FALSE]
  /\ tell = [k \in Steps |-> FALSE]
  /\ kept = [k \in Steps |-> FALSE]
  /\ times = [k \in Steps |-> 0]

Done(k) == times' = [times EXCEPT ![k] = times[k] + 1]
Local(k) ==
  /\ at = k /\ site[k] = 1
  /\ Done(k) /\ at' = k + 1
  /\ UNCHANGED <<site, ask, tell, kept>>
(* Asked for the first time, or again because no answer has come. *)
Send(k) ==
  /\ at = k /\ site[k] = 2 /\ ~ask[k]
  /\ ask' = [ask EXCEPT ![k] = TRUE]
  /\ UNCHANGED <<site, at, tell, kept, times>>
(* Site 2 does it, unless it has; and answers either way. *)
Serve(k) ==
  /\ ask[k]
  /\ IF kept[k] THEN UNCHANGED times ELSE Done(k)
  /\ kept' = [kept EXCEPT ![k] = TRUE]
  /\ tell' = [tell EXCEPT ![k] = TRUE]
Deliver(k) == Serve(k) /\ ask' = [ask EXCEPT ![k] = FALSE] /\ UNCHANGED <<site, at>>
(* It was delivered, and will be once more. *)
Repeat(k) == Serve(k) /\ UNCHANGED <<site, at, ask>>
Lose(k) ==
  /\ ask[k]
  /\ ask' = [ask EXCEPT ![k] = FALSE]
  /\ UNCHANGED <<site, at, tell, kept, times>>
Goes(k) == at' = IF at = k THEN k + 1 ELSE at
(* The answer comes; one that is not waited for says nothing. *)
Return(k) ==
  /\ tell[k]
  /\ Goes(k) /\ tell' = [tell EXCEPT ![k] = FALSE]
  /\ UNCHANGED <<site, ask, kept, times>>
Echo(k) ==
  /\ tell[k] /\ at = k
  /\ Goes(k)
  /\ UNCHANGED <<site, ask, tell, kept, times>>
Miss(k) ==
  /\ tell[k]
  /\ tell' = [tell EXCEPT ![k] = FALSE]
  /\ UNCHANGED <<site, at, ask, kept, times>>

Next ==
  \E k \in Steps :
    Local(k) \/ Send(k) \/ Deliver(k) \/ Repeat(k) \/ Lose(k) \/ Return(k) \/ Echo(k) \/ Miss(k)
PlacementSpec ==
  /\ Init /\ [][Next]_vars
  /\ \A k \in Steps : WF_vars(Local(k)) /\ WF_vars(Send(k)) /\ SF_vars(Deliver(k)) /\ SF_vars(Return(k))

----------------------------------------------------------------------------
TypeOK ==
  /\ at \in 1..(N + 1)
  /\ \A k \in Steps : times[k] \in Nat /\ ask[k] \in BOOLEAN /\ tell[k] \in BOOLEAN /\ kept[k] \in BOOLEAN
(* However often it is asked for, a step is done once. *)
OnceEach == \A k \in Steps : times[k] <= 1
(* In program order, as on one site. *)
InOrder == \A k \in Steps : times[k] > 0 => \A j \in Steps : j < k => times[j] > 0
(* What counts as done has been done. *)
Truly == \A k \in Steps : k < at => times[k] > 0
(* Each is done where it was placed. *)
InPlace == \A k \in Steps : kept[k] \/ ask[k] => site[k] = 2

Ends == TRUE ~> (at = N + 1)
Served == \A k \in Steps : (site[k] = 2 /\ at = k) ~> kept[k]
=============================================================================
