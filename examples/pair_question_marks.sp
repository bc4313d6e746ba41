* Differential pair with mirror load; three pins are not known and are written as question marks
*
* Each question mark is a pin of its own, bulks too:
*   eda predict-links examples/pair_question_marks.sp --top 3

.model nch nmos (level=1 vto=0.5 kp=220u lambda=0.08 gamma=0.4 phi=0.8)
.model pch pmos (level=1 vto=-0.5 kp=75u lambda=0.1 gamma=0.4 phi=0.8)

VDD  vdd 0 1.8
VIP  vip 0 0.9
VIN  vin 0 0.9
IB   vdd vb 20u

* bias and tail
M9   vb   vb  0    0   nch w=10u l=1u
M0   tail ?   0    0   nch w=20u l=1u

* pair and load
M1   von  vip tail 0   nch w=20u l=0.5u
M2   vop  vin ?    0   nch w=20u l=0.5u
M3   von  von vdd  vdd pch w=12u l=0.5u
M4   vop  von vdd  ?   pch w=12u l=0.5u
CL   vop  0   1p

.op
.end
