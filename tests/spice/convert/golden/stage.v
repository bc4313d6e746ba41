// stage: a bit of everything

module top();
    wire \vdd! ;
    wire in;
    wire ck;
    wire out;
    wire b0;
    wire e;
    wire t;
    wire t2;
    amp X1(.in(in), .out(out), .\bus<0> (b0));
endmodule
