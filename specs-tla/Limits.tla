------------------------------- MODULE Limits -------------------------------
(***************************************************************************)
(* What one run may use: so many steps, values so large, so much time. A   *)
(* timer does not go off while something computes, so the clock is looked  *)
(* at every so many steps, and whenever the outside is asked. Who has used *)
(* up what it was given is thrown out, and the run answers why             *)
(* (runtime/run.ts and runtime/stopped.ts, in every tier).                 *)
(*                                                                         *)
(* ASSUMES every value that is made and every turn of a loop is a step     *)
(*   that is told (test/engine/bounds.test.ts has each tier).              *)
(* ASSUMES one step ends: a single operation on an array is not stopped.   *)
(* ASSUMES the clock is monotonic.                                         *)
(***************************************************************************)
EXTENDS Naturals

CONSTANTS
  Fuel,     \* steps that it may take
  Every,    \* the clock is looked at after so many
  Most,     \* the largest value that it may make
  Sizes     \* of the values that it makes

VARIABLES
  used,     \* steps it has taken, and the one too many
  largest,  \* the largest value so far
  late,     \* its time is over
  since,    \* steps since then
  ph        \* runs, done, or why it was thrown out: steps, memory, time

vars == <<used, largest, late, since, ph>>

Init == used = 0 /\ largest = 0 /\ late = FALSE /\ since = 0 /\ ph = "runs"

Looks == (used + 1) % Every = 0
(* One step, which makes a value of size s unless it is one too many. *)
Step(s) ==
  /\ ph = "runs"
  /\ used' = used + 1
  /\ since' = IF late THEN since + 1 ELSE 0
  /\ IF used + 1 > Fuel THEN ph' = "steps" /\ UNCHANGED largest
     ELSE IF Looks /\ late THEN ph' = "time" /\ UNCHANGED largest
     ELSE /\ ph' = IF s > Most THEN "memory" ELSE "runs"
          /\ largest' = IF s > largest THEN s ELSE largest
  /\ UNCHANGED late
Pass ==
  /\ ph = "runs" /\ ~late
  /\ late' = TRUE
  /\ UNCHANGED <<used, largest, since, ph>>
(* The outside is to be asked, and is not any more. *)
Ask ==
  /\ ph = "runs" /\ late
  /\ ph' = "time"
  /\ UNCHANGED <<used, largest, late, since>>
End ==
  /\ ph = "runs"
  /\ ph' = "done"
  /\ UNCHANGED <<used, largest, late, since>>
Next == (\E s \in Sizes : Step(s)) \/ Pass \/ Ask \/ End

(* It computes; nobody says that it would end by itself. *)
LimitsSpec == Init /\ [][Next]_vars /\ WF_vars(\E s \in Sizes : Step(s))

----------------------------------------------------------------------------
TypeOK ==
  /\ used \in 0..(Fuel + 1) /\ largest \in Sizes \union {0} /\ late \in BOOLEAN /\ since \in 0..Every
  /\ ph \in {"runs", "done", "steps", "memory", "time"}
(* Nothing comes of a step too many. *)
Within == ph \in {"runs", "done", "memory"} => used <= Fuel
(* Nothing goes on with a value that is too large. *)
NothingLarge == ph \in {"runs", "done"} => largest <= Most
(* Whoever is late is stopped before the clock would have been looked at twice. *)
Noticed == ph \in {"runs", "done"} => since < Every
(* What is told is why it was thrown out. *)
Truly ==
  /\ ph = "steps" => used > Fuel
  /\ ph = "memory" => largest > Most
  /\ ph = "time" => late

(* A loop without end ends. *)
Ends == TRUE ~> (ph # "runs")
=============================================================================
