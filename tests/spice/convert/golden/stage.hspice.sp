* stage: a bit of everything
* dialect: hspice
.global vdd!
.param rl=10000
.param wn='2*1e-06'
.param twice(x)='2*x'
.model nch nmos level=1 vto=0.5 kp=0.0001
.model qn npn is=1e-16 bf=100
.model dd d is=1e-14
.subckt amp in out bus<0> w=1e-06
M1 out in 0 0 nch w='w' l=1.8e-07 m=2
R1 vdd! out 'rl' tc1=0.001
C1 out bus<0> 1e-14 ic=0.5
.ends amp
Vdd vdd! 0 dc 1.8
Vin in 0 dc 0.6 ac 1 90 sin(0.6 0.01 1000000.0)
Vck ck 0 pulse(0 1.8 1e-09 1e-10 1e-10 5e-09 1e-08)
X1 in out b0 amp w='wn'
Q1 b0 out e qn
D1 e 0 dd
L1 b0 t 1e-06
L2 t2 0 1e-06
K1 L1 L2 0.9
E1 t 0 out 0 10
F1 t2 0 Vin 2
EB1 e 0 vol='twice(V(out)-0.9)>0?1:tanh(V(out))'
.option reltol=1e-4 temp=50
.ic v(out)=0.9
.tran 1e-10 2e-08
.ac dec 10 1 1000000000.0
.meas tran peak max v(out)
.end
