* Folded cascode without sources: the output's upper cascode has lost all its wires
.subckt folded vdd vss inp inn out vbn vbp vcn vcp
M0  tail vbn vss vss nch
M1  f1   inp tail vss nch
M2  f2   inn tail vss nch
M3  f1   vbp vdd vdd pch
M4  f2   vbp vdd vdd pch
M5  m1   vcp f1  vdd pch
M6  ?    ?   ?   ?   pch
M7  m1   vcn s1  vss nch
M8  out  vcn s2  vss nch
M9  s1   m1  vss vss nch
M10 s2   m1  vss vss nch
CL  out  vss 1p
.ends
