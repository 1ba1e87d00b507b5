------------------------------ MODULE Batching ------------------------------
(***************************************************************************)
(* Questions of one kind that are asked together: who shares a request,    *)
(* what becomes of a member that fails, and the way back to asking one by  *)
(* one where the request as a whole was refused. A batch answers as its    *)
(* members would: runtime/run.ts (performAll) and the drivers' performMany *)
(* (runtime/drivers/foreign, the same shape in the others).                *)
(*                                                                         *)
(* ASSUMES what a question is answered depends on its key alone while the  *)
(*   batch runs: nothing writes between (Scheduler), and the driver's many *)
(*   answers each key as its one does.                                     *)
(* ASSUMES a request that was lost has changed nothing: only reads are     *)
(*   batched.                                                              *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets

CONSTANTS
  M,        \* questions, in program order
  Keys,     \* what they may ask, as numbers from 1
  Most      \* questions that one request may have

VARIABLES
  key,      \* key[m]: what question m asks
  who,      \* who[m]: on whose behalf
  lead,     \* lead[m]: the first question of the batch that m is in
  bad,      \* bad[k]: whether the question for k alone is answered with an error
  ph,       \* ph[l]: how far the batch is whose first question is l
  turn,     \* turn[l]: the question that it asks by itself now, or 0
  found,    \* found[m]: what came back
  cut       \* cut[l]: whether a request of that batch was lost

vars == <<key, who, lead, bad, ph, turn, found, cut>>
World == <<key, who, lead, bad>>

Members == 1..M
Of(l) == {m \in Members : lead[m] = l}
Alone(l) == Of(l) = {l}
Truth(m) == IF bad[key[m]] THEN "bad" ELSE "ok"

(* Batches: those on one behalf, in order, so many at a time; each is called by its first question. *)
Earlier(m) == Cardinality({j \in Members : j < m /\ who[j] = who[m]})
Lead(m) ==
  CHOOSE l \in Members :
    who[l] = who[m] /\ Earlier(l) % Most = 0 /\ Earlier(l) <= Earlier(m) /\ Earlier(m) < Earlier(l) + Most

Init ==
  /\ key \in [Members -> Keys]
  /\ who \in [Members -> {1, 2}]
  /\ who[1] = 1
  /\ lead = [m \in Members |-> Lead(m)]
  /\ bad \in [Keys -> BOOLEAN]
  /\ ph = [l \in Members |-> IF lead[l] # l THEN "none" ELSE IF Alone(l) THEN "single" ELSE "asked"]
  /\ turn = [l \in Members |-> IF lead[l] = l /\ Alone(l) THEN l ELSE 0]
  /\ found = [m \in Members |-> "none"]
  /\ cut = [l \in Members |-> FALSE]

(* The request is answered, key by key, some perhaps with an error. *)
Whole(l) ==
  /\ ph[l] = "asked"
  /\ ph' = [ph EXCEPT ![l] = "done"]
  /\ found' = [m \in Members |-> IF m \in Of(l) THEN Truth(m) ELSE found[m]]
  /\ UNCHANGED <<key, who, lead, bad, turn, cut>>
(* It was refused, perhaps only because it was a batch: its keys are asked one by one, in order, each once. *)
Break(l) ==
  /\ ph[l] = "asked"
  /\ ph' = [ph EXCEPT ![l] = "single"]
  /\ turn' = [turn EXCEPT ![l] = l]
  /\ UNCHANGED <<key, who, lead, bad, found, cut>>
(* It was lost, and others would be: all are told so. *)
Lose(l) ==
  /\ ph[l] = "asked"
  /\ ph' = [ph EXCEPT ![l] = "done"]
  /\ found' = [m \in Members |-> IF m \in Of(l) THEN "lost" ELSE found[m]]
  /\ cut' = [cut EXCEPT ![l] = TRUE]
  /\ UNCHANGED <<key, who, lead, bad, turn>>

Same(l, m) == m \in Of(l) /\ key[m] = key[turn[l]]
(* The next of its keys, once question turn[l] has been answered. *)
Rest(l) == {m \in Of(l) : found[m] = "none" /\ key[m] # key[turn[l]]}
Next1(l) == IF Rest(l) = {} THEN 0 ELSE CHOOSE m \in Rest(l) : \A j \in Rest(l) : m <= j
Answers(l, lost) ==
  /\ ph[l] = "single"
  /\ found' = [m \in Members |-> IF Same(l, m) THEN (IF lost THEN "lost" ELSE Truth(m)) ELSE found[m]]
  /\ turn' = [turn EXCEPT ![l] = Next1(l)]
  /\ ph' = [ph EXCEPT ![l] = IF Rest(l) = {} THEN "done" ELSE "single"]
One(l) == Answers(l, FALSE) /\ UNCHANGED <<key, who, lead, bad, cut>>
LoseOne(l) == Answers(l, TRUE) /\ cut' = [cut EXCEPT ![l] = TRUE] /\ UNCHANGED World

Next == \E l \in Members : Whole(l) \/ Break(l) \/ Lose(l) \/ One(l) \/ LoseOne(l)

(* Requests are answered, refused or lost: drivers have time limits. *)
BatchingSpec ==
  /\ Init /\ [][Next]_vars
  /\ \A l \in Members : WF_vars(Whole(l) \/ Lose(l)) /\ WF_vars(One(l))

----------------------------------------------------------------------------
TypeOK ==
  /\ \A l \in Members : ph[l] \in {"none", "asked", "single", "done"} /\ turn[l] \in 0..M
  /\ \A m \in Members : found[m] \in {"none", "ok", "bad", "lost"}

Answered(m) == ph[lead[m]] = "done"
(* A member is answered as it would be by itself, unless the request was really lost. *)
AsMembers == \A m \in Members : Answered(m) => found[m] = Truth(m) \/ (found[m] = "lost" /\ cut[lead[m]])
(* Equal questions of a batch have equal answers. *)
EqualAnswers ==
  \A m \in Members, j \in Members : Answered(m) /\ lead[m] = lead[j] /\ key[m] = key[j] => found[m] = found[j]
(* Nothing is asked on one behalf with what is asked on another, and no more at once than a request may have. *)
Apart == \A m \in Members : who[lead[m]] = who[m] /\ Cardinality(Of(lead[m])) <= Most
(* Keys are asked in order: behind the one whose turn it is nothing has an answer but its equals. *)
InOrder ==
  \A l \in Members : ph[l] = "single" =>
    \A m \in Of(l) : IF m < turn[l] THEN found[m] # "none" ELSE m = turn[l] => found[m] = "none"

AllAnswered == TRUE ~> (\A m \in Members : Answered(m))
BrokenEnds == \A l \in Members : (ph[l] = "single") ~> (ph[l] = "done")
=============================================================================
