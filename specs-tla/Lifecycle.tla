----------------------------- MODULE Lifecycle -----------------------------
(***************************************************************************)
(* The lifecycle of builds in an engine: versions that replace one another *)
(* and are rolled back, and room for loaded code with admission control.   *)
(* A build is one version of a graph, compiled; the interpreter, which can *)
(* always run, is left out. Its states and the names of the actions on a   *)
(* build are those of runtime/engine/lifecycle.ts.                         *)
(*                                                                         *)
(* ASSUMES runs end: they have deadlines, and drivers keep to them.        *)
(* ASSUMES the compiler answers: it has limits of time and memory.         *)
(* ASSUMES every build takes as much room as any other; the engine counts  *)
(*   bytes, and refuses what fits nowhere (Fail).                          *)
(* ASSUMES one tier above the interpreter; builds of several tiers of one  *)
(*   version are builds of several handles here.                           *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
  Handles,      \* graphs that were submitted, as numbers from 1
  MaxVersion,   \* versions that the first of them can have; the others have one
  MaxRuns,      \* runs of one build at the same time
  Cap           \* builds for which there is room

VARIABLES
  st,           \* st[h][v]: where the build of version v under handle h is
  runs,         \* runs[h][v]: its runs
  leaving,      \* leaving[h][v]: what becomes of it when the last of them ends
  cur,          \* cur[h]: the version in which runs begin
  fall,         \* fall[h]: the version to go back to while cur is on probation, or 0
  latest,       \* latest[h]: versions so far
  line          \* builds that wait for room, first come first served

vars == <<st, runs, leaving, cur, fall, latest, line>>

Limit(h) == IF h = 1 THEN MaxVersion ELSE 1
Versions == 1..MaxVersion
\* @quoin:begin runtime/engine/states.ts
\* State: what becomes of a build
\*   GraphReceived Optimizing Generating Compiling Ready Executing Failed Evicted
\* Move: what moves one from state to state, the interpreter's left out
\*   Optimize Generate Compile Recall Install Fail Retry Restore
\*   Begin Join Leave Rest Release Discard Evict Doom Forget Condemn
\* Leaving: what becomes of one when its last run has ended
\*   no evict discard
\* @quoin:end
States == {"None", "GraphReceived", "Optimizing", "Generating", "Compiling",
           "Ready", "Executing", "Failed", "Evicted"}

Init ==
  /\ st = [h \in Handles |-> [v \in Versions |-> IF v = 1 THEN "GraphReceived" ELSE "None"]]
  /\ runs = [h \in Handles |-> [v \in Versions |-> 0]]
  /\ leaving = [h \in Handles |-> [v \in Versions |-> "no"]]
  /\ cur = [h \in Handles |-> 1]
  /\ fall = [h \in Handles |-> 0]
  /\ latest = [h \in Handles |-> 1]
  /\ line = <<>>

----------------------------------------------------------------------------
Loaded(h, v) == st[h][v] \in {"Ready", "Executing"}
Used == Cardinality({p \in Handles \X Versions : Loaded(p[1], p[2])})
Full == Used >= Cap
(* Nobody may begin in it again: neither the current version nor the one to go back to. *)
Retired(h, v) == v <= latest[h] /\ v # cur[h] /\ v # fall[h]
(* Somebody waits and there is no room, and none is about to be. *)
Wanted ==
  /\ line # <<>>
  /\ Full
  /\ \A p \in Handles \X Versions : leaving[p[1]][p[2]] = "no"

Become(h, v, s) == st' = [st EXCEPT ![h][v] = s]
Count(h, v, n) == runs' = [runs EXCEPT ![h][v] = n]
Mark(h, v, l) == leaving' = [leaving EXCEPT ![h][v] = l]
Without(p) ==
  LET i == CHOOSE k \in 1..Len(line) : line[k] = p
  IN SubSeq(line, 1, i - 1) \o SubSeq(line, i + 1, Len(line))
OnlyBuild == UNCHANGED <<cur, fall, latest>>
OnlyState == UNCHANGED <<runs, leaving, cur, fall, latest>>

(* Compiling *)
Optimize(h, v) ==
  /\ st[h][v] = "GraphReceived" /\ ~Retired(h, v)
  /\ Become(h, v, "Optimizing") /\ OnlyState /\ UNCHANGED line
Generate(h, v) ==
  /\ st[h][v] = "Optimizing"
  /\ Become(h, v, "Generating") /\ OnlyState /\ UNCHANGED line
Compile(h, v) ==
  /\ st[h][v] = "Generating"
  /\ Become(h, v, "Compiling") /\ OnlyState /\ line' = Append(line, <<h, v>>)
Recall(h, v) ==
  /\ st[h][v] = "GraphReceived" /\ ~Retired(h, v)
  /\ Become(h, v, "Compiling") /\ OnlyState /\ line' = Append(line, <<h, v>>)
Install(h, v) ==
  /\ st[h][v] = "Compiling" /\ line # <<>> /\ Head(line) = <<h, v>> /\ ~Full
  /\ Become(h, v, "Ready") /\ OnlyState /\ line' = Tail(line)
Fail(h, v) ==
  /\ st[h][v] \in {"GraphReceived", "Optimizing", "Generating", "Compiling"}
  /\ Become(h, v, "Failed") /\ OnlyState
  /\ line' = IF st[h][v] = "Compiling" THEN Without(<<h, v>>) ELSE line
Retry(h, v) ==
  /\ st[h][v] = "Failed" /\ ~Retired(h, v)
  /\ Become(h, v, "GraphReceived") /\ OnlyState /\ UNCHANGED line
Restore(h, v) ==
  /\ st[h][v] = "Evicted" /\ ~Retired(h, v)
  /\ Become(h, v, "GraphReceived") /\ OnlyState /\ UNCHANGED line

(* Running *)
Begin(h, v) ==
  /\ st[h][v] = "Ready" /\ v = cur[h]
  /\ Become(h, v, "Executing") /\ Count(h, v, 1) /\ OnlyBuild /\ UNCHANGED <<leaving, line>>
Join(h, v) ==
  /\ st[h][v] = "Executing" /\ v = cur[h] /\ leaving[h][v] = "no" /\ runs[h][v] < MaxRuns
  /\ Count(h, v, runs[h][v] + 1) /\ OnlyBuild /\ UNCHANGED <<st, leaving, line>>
Leave(h, v) ==
  /\ st[h][v] = "Executing" /\ runs[h][v] > 1
  /\ Count(h, v, runs[h][v] - 1) /\ OnlyBuild /\ UNCHANGED <<st, leaving, line>>
IsLast(h, v, l) == st[h][v] = "Executing" /\ runs[h][v] = 1 /\ leaving[h][v] = l
Ended(h, v, s) == Become(h, v, s) /\ Count(h, v, 0) /\ Mark(h, v, "no") /\ OnlyBuild /\ UNCHANGED line
Rest(h, v) == IsLast(h, v, "no") /\ Ended(h, v, "Ready")
Release(h, v) == IsLast(h, v, "evict") /\ Ended(h, v, "Evicted")
Discard(h, v) == IsLast(h, v, "discard") /\ Ended(h, v, "Failed")

(* Leaving *)
Evict(h, v) ==
  /\ st[h][v] = "Ready" /\ (Retired(h, v) \/ Wanted)
  /\ Become(h, v, "Evicted") /\ OnlyState /\ UNCHANGED line
Doom(h, v) ==
  /\ st[h][v] = "Executing" /\ leaving[h][v] = "no" /\ (Retired(h, v) \/ Wanted)
  /\ Mark(h, v, "evict") /\ OnlyBuild /\ UNCHANGED <<st, runs, line>>
Forget(h, v) ==
  /\ st[h][v] \in {"GraphReceived", "Optimizing", "Generating", "Compiling", "Failed"} /\ Retired(h, v)
  /\ Become(h, v, "Evicted") /\ OnlyState
  /\ line' = IF st[h][v] = "Compiling" THEN Without(<<h, v>>) ELSE line
(* A comparison may end behind the run it is about, or be of a run of the same code under another handle. *)
Condemn(h, v) ==
  \/ /\ st[h][v] = "Executing" /\ leaving[h][v] # "discard"
     /\ Mark(h, v, "discard") /\ OnlyBuild /\ UNCHANGED <<st, runs, line>>
  \/ /\ st[h][v] = "Ready"
     /\ Become(h, v, "Failed") /\ OnlyState /\ UNCHANGED line

(* Versions *)
Replace(h) ==
  /\ latest[h] < Limit(h)
  /\ latest' = [latest EXCEPT ![h] = latest[h] + 1]
  /\ cur' = [cur EXCEPT ![h] = latest[h] + 1]
  /\ fall' = [fall EXCEPT ![h] = IF fall[h] = 0 THEN cur[h] ELSE fall[h]]
  /\ Become(h, latest[h] + 1, "GraphReceived") /\ UNCHANGED <<runs, leaving, line>>
Prove(h) ==
  /\ fall[h] # 0
  /\ fall' = [fall EXCEPT ![h] = 0] /\ UNCHANGED <<st, runs, leaving, cur, latest, line>>
Rollback(h) ==
  /\ fall[h] # 0
  /\ cur' = [cur EXCEPT ![h] = fall[h]] /\ fall' = [fall EXCEPT ![h] = 0]
  /\ UNCHANGED <<st, runs, leaving, latest, line>>

Build(h, v) ==
  \/ Optimize(h, v) \/ Generate(h, v) \/ Compile(h, v) \/ Recall(h, v) \/ Install(h, v)
  \/ Fail(h, v) \/ Retry(h, v) \/ Restore(h, v)
  \/ Begin(h, v) \/ Join(h, v) \/ Leave(h, v) \/ Rest(h, v) \/ Release(h, v) \/ Discard(h, v)
  \/ Evict(h, v) \/ Doom(h, v) \/ Forget(h, v) \/ Condemn(h, v)
Version(h) == Replace(h) \/ Prove(h) \/ Rollback(h)
Next ==
  \/ \E h \in Handles, v \in Versions : Build(h, v)
  \/ \E h \in Handles : Version(h)

(* Runs end, because they have deadlines; the compiler answers, because it has limits; and the engine does what it can *)
(* about room and about what is retired. Nobody is obliged to begin a run, to replace a graph, or to compile it.      *)
Ends(h, v) == Leave(h, v) \/ Rest(h, v) \/ Release(h, v) \/ Discard(h, v)
Answers(h, v) == st[h][v] # "Compiling" /\ (Generate(h, v) \/ Compile(h, v) \/ Fail(h, v))
Clears(h, v) == Retired(h, v) /\ (Evict(h, v) \/ Doom(h, v) \/ Forget(h, v))
MakesRoom == \E h \in Handles, v \in Versions : Wanted /\ (Evict(h, v) \/ Doom(h, v))
LifecycleSpec ==
  /\ Init /\ [][Next]_vars
  /\ \A h \in Handles, v \in Versions :
       /\ WF_vars(Ends(h, v)) /\ WF_vars(Answers(h, v)) /\ WF_vars(Install(h, v)) /\ WF_vars(Clears(h, v))
  /\ WF_vars(MakesRoom)

----------------------------------------------------------------------------
TypeOK ==
  /\ \A h \in Handles, v \in Versions :
       st[h][v] \in States /\ runs[h][v] \in 0..MaxRuns /\ leaving[h][v] \in {"no", "evict", "discard"}
  /\ \A h \in Handles : latest[h] \in 1..Limit(h) /\ cur[h] \in 1..latest[h] /\ fall[h] \in 0..latest[h]
  /\ Len(line) <= Cardinality(Handles) * MaxVersion

(* Runs are where code is, and only there. *)
RunsHaveCode == \A h \in Handles, v \in Versions : (runs[h][v] > 0) = (st[h][v] = "Executing")
OnlyRunningLeaves == \A h \in Handles, v \in Versions : leaving[h][v] # "no" => st[h][v] = "Executing"
NeverTooMany == Used <= Cap
(* Exactly those wait that are about to be installed, once each. *)
LineIsRight ==
  /\ \A h \in Handles, v \in Versions :
       (st[h][v] = "Compiling") = (\E i \in 1..Len(line) : line[i] = <<h, v>>)
  /\ \A i \in 1..Len(line), j \in 1..Len(line) : i # j => line[i] # line[j]
(* There is always a version to run, and going back is to one that was trusted before. *)
CanRun == \A h \in Handles : st[h][cur[h]] # "None" /\ (fall[h] # 0 => fall[h] < cur[h])

(* Whoever waits for room gets it, or is wanted no more. *)
NobodyStarves ==
  \A h \in Handles, v \in Versions : (st[h][v] = "Compiling") ~> (st[h][v] # "Compiling")
(* What nobody can use is let go of: also a version that failed at run time and was rolled back. *)
NothingStays ==
  \A h \in Handles, v \in Versions :
    (v <= latest[h] /\ v # cur[h] /\ v # fall[h]) ~> (st[h][v] = "Evicted")
(* What has to leave does. *)
Drains == \A h \in Handles, v \in Versions : (leaving[h][v] # "no") ~> (leaving[h][v] = "no")
=============================================================================
