* Self-biased current reference; two pins are not known and are written as question marks
*
* Each question mark is a pin of its own:
*   eda predict-links examples/bias_question_marks.sp --top 3

.model nch nmos (level=1 vto=0.5 kp=220u lambda=0.08 gamma=0.4 phi=0.8)
.model pch pmos (level=1 vto=-0.5 kp=75u lambda=0.1 gamma=0.4 phi=0.8)

VDD  vdd 0 1.8

* mirror on top, degenerated pair below
M1   pb  pb  vdd vdd pch w=8u  l=2u
M2   nb  ?   vdd vdd pch w=8u  l=2u
M3   nb  nb  0   0   nch w=4u  l=2u
M4   pb  nb  rs  0   nch w=16u l=2u
RS   rs  0   10k

* copies for the blocks that are fed
M5   iref1 pb vdd vdd pch w=16u l=2u
M6   iref2 nb ?   0   nch w=8u l=2u
R1   iref1 0   20k
R2   vdd iref2 20k

.op
.end
