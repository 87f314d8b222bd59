/* The Sun and the four large planets by Newton, n steps of a hundredth of a year: f64 with square roots. */
#include "kernel.h"

#define BODIES 5
#define SOLAR_MASS (4 * 3.141592653589793 * 3.141592653589793)
#define DAYS 365.24

struct body {
    double x, y, z, vx, vy, vz, mass;
};

static struct body bodies[BODIES];

static const struct body initial[BODIES] = {
    {0, 0, 0, 0, 0, 0, SOLAR_MASS},
    {4.84143144246472090, -1.16032004402742839, -0.103622044471123109, 0.00166007664274403694 * DAYS,
     0.00769901118419740425 * DAYS, -0.0000690460016972063023 * DAYS, 0.000954791938424326609 * SOLAR_MASS},
    {8.34336671824457987, 4.12479856412430479, -0.403523417114321381, -0.00276742510726411021 * DAYS,
     0.00499852801234917238 * DAYS, 0.0000230417297573763929 * DAYS, 0.000285885980666130812 * SOLAR_MASS},
    {12.8943695621391310, -15.1111514016986312, -0.223307578892655734, 0.00296460137564761618 * DAYS,
     0.00237847173959480950 * DAYS, -0.0000296589568540237556 * DAYS, 0.0000436624404335156298 * SOLAR_MASS},
    {15.3796971148509165, -25.9193146099879641, 0.179258772950371181, 0.00268067772490389322 * DAYS,
     0.00162824170038242295 * DAYS, -0.0000951592254519715870 * DAYS, 0.0000515138902046611451 * SOLAR_MASS}};

static NOINLINE void advance(double dt) {
    for (u32 i = 0; i < BODIES; i++) {
        struct body *a = &bodies[i];
        for (u32 j = i + 1; j < BODIES; j++) {
            struct body *b = &bodies[j];
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            double square = dx * dx + dy * dy + dz * dz;
            double pull = dt / (square * __builtin_sqrt(square));
            a->vx -= dx * b->mass * pull;
            a->vy -= dy * b->mass * pull;
            a->vz -= dz * b->mass * pull;
            b->vx += dx * a->mass * pull;
            b->vy += dy * a->mass * pull;
            b->vz += dz * a->mass * pull;
        }
    }
    for (u32 i = 0; i < BODIES; i++) {
        bodies[i].x += dt * bodies[i].vx;
        bodies[i].y += dt * bodies[i].vy;
        bodies[i].z += dt * bodies[i].vz;
    }
}

EXPORT(run) u64 run(u32 n) {
    for (u32 i = 0; i < BODIES; i++) {
        bodies[i] = initial[i];
    }
    for (u32 i = 0; i < n; i++) {
        advance(0.01);
    }
    u64 sum = 0;
    for (u32 i = 0; i < BODIES; i++) {
        sum = mix(mix(mix(sum, bits_of(bodies[i].x)), bits_of(bodies[i].y)), bits_of(bodies[i].vz));
    }
    return sum;
}
