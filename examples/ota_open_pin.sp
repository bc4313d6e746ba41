* Five-transistor OTA with a second stage; the gate of M4 has lost its net
*
* The load mirror M3/M4 should share the gate net n1. Ask where M4's gate belongs:
*   eda predict-links examples/ota_open_pin.sp

.model nch nmos (level=1 vto=0.5 kp=220u lambda=0.08 gamma=0.4 phi=0.8)
.model pch pmos (level=1 vto=-0.5 kp=75u lambda=0.1 gamma=0.4 phi=0.8)

VDD  vdd 0 1.8
VINP inp 0 dc 0.9 ac 1
VINN inn 0 dc 0.9

* bias
IB   vdd nb 20u
M8   nb  nb  0   0   nch w=10u l=1u

* input pair, tail and load
M1   n1  inn tail 0  nch w=20u l=0.5u
M2   n2  inp tail 0  nch w=20u l=0.5u
M5   tail nb 0   0   nch w=20u l=1u
M3   n1  n1  vdd vdd pch w=12u l=0.5u
M4   n2  nopen vdd vdd pch w=12u l=0.5u

* second stage, Miller compensation with a zero-nulling resistor
M6   out n2  vdd vdd pch w=48u l=0.5u
M7   out nb  0   0   nch w=40u l=1u
RZ   n2  nz  2k
CC   nz  out 1p
CL   out 0   5p

.op
.ac dec 20 1 1g
.end
