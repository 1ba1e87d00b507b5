---------------------------- MODULE TraceLimits ----------------------------
(***************************************************************************)
(* What was recorded of runs that use up what they were given, read as     *)
(* behaviours of Limits: steps with the size of what they made and what    *)
(* the run was told, time that passed, and doors to the outside. TLC       *)
(* prints the numbers of the traces that are behaviours.                   *)
(***************************************************************************)
EXTENDS Limits, TraceData, Sequences, TLC

VARIABLES
  t,  \* which trace
  i   \* the next event of it

Events == Traces[t].events
TraceInit == t \in 1..Len(Traces) /\ i = 1 /\ Init
Words == <<"runs", "done", "steps", "memory", "time">>
Happens(e) ==
  \/ e[1] = "Step" /\ Step(e[2]) /\ ph' = Words[e[3]]
  \/ e[1] = "Pass" /\ Pass
  \/ e[1] = "Ask" /\ Ask
  \/ e[1] = "Let" /\ ph = "runs" /\ ~late /\ UNCHANGED vars
  \/ e[1] = "End" /\ End
TraceNext == i <= Len(Events) /\ Happens(Events[i]) /\ i' = i + 1 /\ t' = t
TraceSpec == TraceInit /\ [][TraceNext]_<<vars, t, i>>
Accepted == i > Len(Events) => PrintT(<<"accepted", t>>)
=============================================================================
