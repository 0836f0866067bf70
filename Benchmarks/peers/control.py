"""The work of ControlBenchmarks.swift through MuJoCo's Python binding: python control.py NAME prints one line of JSON."""
import math
import os
from concurrent.futures import ThreadPoolExecutor

import mujoco
import numpy as np

from timing import report, timed


def model(links=6):
    limit = 360 / links
    inner = ""
    for link in reversed(range(links)):
        joint = f'<joint name="joint_{link - 1}" range="{-limit} {limit}"/>' if link else (
            '<joint class="free" type="slide" axis="1 0 0"/><joint class="free" type="slide" axis="0 1 0"/>'
            '<joint class="free"/>')
        inner = (f'<body pos="0 {0.1 if link else 0} 0">{joint}'
                 f'<geom type="box" size=".001 .05 .01" mass=".01"/><site name="link_{link}"/>{inner}</body>')
    motors = "".join(f'<motor joint="joint_{k}"/>' for k in range(links - 1))
    return mujoco.MjModel.from_xml_string(f"""
      <mujoco><option timestep="0.002" density="3000"><flag contact="disable"/></option><default>
      <joint type="hinge" pos="0 -.05 0" axis="0 0 1" limited="true" solreflimit=".05 1" solimplimit="0 .8 .1"
       armature="1e-6"/><default class="free"><joint limited="false" armature="0"/></default>
      <motor gear="5e-4" ctrllimited="true" ctrlrange="-1 1"/></default>
      <worldbody>{inner}</worldbody><actuator>{motors}</actuator></mujoco>""")


def swim(body, steps, which):
    data = mujoco.MjData(body)
    data.qpos[2] = which
    data.qpos[3:] = [0.3, -0.2, 0.1, 0, -0.4]
    velocity = np.zeros(6)
    total = 0.0
    for step in range(steps):
        data.ctrl[:] = [math.sin(step * 0.1 - joint) for joint in range(5)]
        mujoco.mj_step(body, data, 15)
        mujoco.mj_forward(body, data)
        mujoco.mj_objectVelocity(body, data, mujoco.mjtObj.mjOBJ_SITE, 0, velocity, 1)
        total += min(1, max(0, -velocity[4] / 0.1))
    return total


def one():
    body = model()
    return timed(5, lambda: swim(body, 1000, 0))


def many():
    body = model()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return timed(3, lambda: list(pool.map(lambda which: swim(body, 200, which), range(64))))


WORK = {"swimmer": one, "swimmer-many": many, "swimmer-mujoco": one}
if __name__ == "__main__":
    report(WORK)
