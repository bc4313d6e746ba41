// A four-bit adder with carry select: the upper half is made twice, and one of the two is chosen.
module adder4 (a, b, cin, s, cout);
  input [3:0] a, b;
  input cin;
  output [3:0] s;
  output cout;
  wire [3:0] p, g;
  wire c1, c2, d3, e3, d4, e4;
  wire [3:2] low, high;

  assign p = a ^ b;
  assign g = a & b;
  assign c1 = g[0] | p[0] & cin;
  assign c2 = g[1] | p[1] & c1;
  assign s[1:0] = {p[1] ^ c1, p[0] ^ cin};

  assign d3 = g[2];
  assign e3 = g[2] | p[2];
  assign d4 = g[3] | p[3] & d3;
  assign e4 = g[3] | p[3] & e3;
  assign low = {p[3] ^ d3, p[2]};
  assign high = {p[3] ^ e3, ~p[2]};
  assign s[3:2] = c2 ? high : low;
  assign cout = c2 ? e4 : d4;
endmodule
