--------------------------- MODULE TraceBatching ---------------------------
(***************************************************************************)
(* What was recorded of questions that were asked together, read as        *)
(* behaviours of Batching: which request went out, on whose behalf and for *)
(* which keys, how it ended, and what each question was answered. Where    *)
(* only the driver was looked at, its requests are not seen. TLC prints    *)
(* the numbers of the traces that are behaviours.                          *)
(***************************************************************************)
EXTENDS Batching, TraceData, Sequences, TLC

VARIABLES
  t,  \* which trace
  i   \* the next event of it

Events == Traces[t].events
TraceInit ==
  /\ t \in 1..Len(Traces) /\ i = 1
  /\ key = Traces[t].key /\ who = Traces[t].who /\ bad = Traces[t].bad
  /\ Init
Asks(l, e) ==
  /\ ph[l] = "asked" /\ who[l] = e[3]
  /\ {key[m] : m \in Of(l)} = {e[j] : j \in 4..Len(e)}
Words == <<"ok", "bad", "lost">>
Happens(e) ==
  \/ e[1] = "Asked" /\ Asks(e[2], e) /\ UNCHANGED vars
  \/ e[1] = "Alone" /\ ph[e[2]] = "single" /\ who[e[2]] = e[3] /\ key[turn[e[2]]] = e[4] /\ UNCHANGED vars
  \/ e[1] = "Whole" /\ Whole(e[2])
  \/ e[1] = "Break" /\ Break(e[2])
  \/ e[1] = "Lose" /\ Lose(e[2])
  \/ e[1] = "One" /\ One(e[2])
  \/ e[1] = "LoseOne" /\ LoseOne(e[2])
  \/ e[1] = "Told" /\ (\A m \in Members : Answered(m) /\ found[m] = Words[e[m + 1]]) /\ UNCHANGED vars
TraceNext ==
  /\ t' = t
  /\ \/ i <= Len(Events) /\ Happens(Events[i]) /\ i' = i + 1
     \/ i <= Len(Events) /\ Traces[t].outside /\ Next /\ i' = i
TraceSpec == TraceInit /\ [][TraceNext]_<<vars, t, i>>
Accepted == i > Len(Events) => PrintT(<<"accepted", t>>)
=============================================================================
