* two-stage op-amp, a bare subcircuit without models: eda simulate --testbench opamp
.subckt two_stage vip vim vo vdd vss ib
M1 a vim t vss nch W=20u L=0.5u
M2 b vip t vss nch W=20u L=0.5u
M3 a a vdd vdd pch W=20u L=0.5u
M4 b a vdd vdd pch W=20u L=0.5u
M5 t ib vss vss nch W=20u L=1u
M6 vo b vdd vdd pch W=120u L=0.5u
M7 vo ib vss vss nch W=60u L=1u
M8 ib ib vss vss nch W=10u L=1u
RZ b z 1.2k
CC z vo 1.5p
.ends two_stage
