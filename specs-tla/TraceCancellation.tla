------------------------- MODULE TraceCancellation -------------------------
(***************************************************************************)
(* What was recorded of writes whose run may be stopped and whose          *)
(* connections may break, read as behaviours of Cancellation: which went   *)
(* out, what the other side did, what was told of each, and how often each *)
(* has happened. Of a real server only what was asked, told and has        *)
(* happened is seen. TLC prints the numbers of the traces that are         *)
(* behaviours.                                                             *)
(***************************************************************************)
EXTENDS Cancellation, TraceData, Sequences, TLC

VARIABLES
  t,  \* which trace
  i   \* the next event of it

Events == Traces[t].events
TraceInit ==
  /\ t \in 1..Len(Traces) /\ i = 1
  /\ idem = Traces[t].idem
  /\ Init
Words == <<"done", "failed", "unknown">>
(* What the run answers: 0 for well, else the first call that was not done. *)
Ended(k) ==
  /\ \A j \in Calls : ~InFlight(j)
  /\ IF k = 0 THEN \A j \in Calls : ph[j] = "done"
     ELSE ph[k] # "done" /\ \A j \in Calls : j < k => ph[j] = "done"
(* A store that was written twice holds it once. *)
Happened(k, n) == IF idem[k] THEN (times[k] > 0) = (n > 0) ELSE times[k] = n
Happens(e) ==
  \/ e[1] = "Asked" /\ InFlight(e[2]) /\ UNCHANGED vars
  \/ e[1] = "Sent" /\ ph[e[2]] = "sent" /\ tries[e[2]] = e[3] /\ UNCHANGED vars
  \/ e[1] = "Apply" /\ Apply(e[2])
  \/ e[1] = "Acknowledge" /\ Acknowledge(e[2])
  \/ e[1] = "Refuse" /\ Refuse(e[2])
  \/ e[1] = "Break" /\ Break(e[2])
  \/ e[1] = "Stop" /\ Stop
  \/ e[1] = "Told" /\ ph[e[2]] = Words[e[3]] /\ UNCHANGED vars
  \/ e[1] = "Ended" /\ Ended(e[2]) /\ UNCHANGED vars
  \/ e[1] = "Happened" /\ Happened(e[2], e[3]) /\ UNCHANGED vars
Unseen == Stop \/ \E k \in Calls : Apply(k) \/ Refuse(k) \/ Break(k)
TraceNext ==
  /\ t' = t
  /\ \/ i <= Len(Events) /\ Happens(Events[i]) /\ i' = i + 1
     \/ i <= Len(Events) /\ Traces[t].outside /\ Unseen /\ i' = i
TraceSpec == TraceInit /\ [][TraceNext]_<<vars, t, i>>
Accepted == i > Len(Events) => PrintT(<<"accepted", t>>)
=============================================================================
