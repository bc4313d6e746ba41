* five-transistor amplifier with a handful of mistakes, for eda check
.subckt ota inp inn out en vdd vss
M1 n1  inp   tail vss nch W=10u L=1u
M2 out inn   tail vss nch W=12u L=1u
M3 n1  n1    vdd  vdd pch W=20u L=1u
M4 out n1    vdd  vss pch W=20u L=1u
M5 tail nb   vss  vss nch W=10 L=1
M6 nbias nbias vss vss nch W=5u L=1u
IB vdd nbias DC 10u
*%waive parallel_identical CL1 ; drawn as two for the layout
CL1 out vss 1p
CL2 out vss 1p
.ends ota
