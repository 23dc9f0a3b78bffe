"""The Chinese that the made-up rows are put together from."""

# What is broken, its kind, and a detail that follows.
PROBLEMS = [
    ("desk_chair", "课桌桌面开裂"),
    ("desk_chair", "椅子腿松动, 坐上去摇晃"),
    ("electric", "日光灯闪烁, 影响上课"),
    ("electric", "插座没有电"),
    ("electric", "吊扇转动时有异响"),
    ("door_window", "窗户玻璃破了一块"),
    ("door_window", "门锁坏了, 关不上"),
    ("door_window", "窗帘脱落"),
    ("water", "水龙头关不紧, 一直滴水"),
    ("water", "下水道堵塞, 有积水"),
    ("water", "卫生间冲水阀失灵"),
    ("it", "多媒体投影仪不亮"),
    ("it", "电脑无法开机"),
    ("it", "广播没有声音"),
    ("building", "墙皮脱落"),
    ("building", "地砖松动翘起"),
    ("building", "屋顶渗水, 下雨天滴水"),
    ("other", "黑板推拉不动"),
    ("other", "宣传栏玻璃门变形"),
    ("other", "体育器材架倾斜"),
]
DETAILS = ["", ", 请尽快修理", ", 已经用胶带固定", ", 第二次报修", ", 学生够不着请带梯子", ", 靠窗第三排", ", 讲台右侧"]
# So rare that a search for its first two characters has a handful of hits.
RARE = "墙角蜂窝有马蜂出入"
RARE_TERM = "蜂窝"
COMMON_TERM = "玻璃"
BUILDINGS = ["教学楼", "实验楼", "综合楼", "宿舍楼", "食堂", "图书馆", "体育馆", "办公楼"]
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = [
    "建国",
    "秀英",
    "志强",
    "桂兰",
    "海燕",
    "晓东",
    "丽娟",
    "文斌",
    "春梅",
    "国庆",
    "小红",
    "永刚",
    "雪梅",
    "立新",
    "玉珍",
]
# Name, unit, price, life in years (none: not depreciated), category.
THINGS = [
    ("课桌椅", "套", 185, 15, "A05010000"),
    ("台式计算机", "台", 4200, 6, "A02010100"),
    ("打印机", "台", 2000, 6, "A02021000"),
    ("空调机", "台", 3600, 10, "A02061800"),
    ("投影仪", "台", 5200, 6, "A02020200"),
    ("书柜", "组", 960, 15, "A05010000"),
    ("饮水机", "台", 1500, 10, "A02061800"),
    ("实验台", "张", 2300, 15, "A05010000"),
    ("钢琴", "架", 16800, 15, "A02000000"),
    ("双人床", "张", 880, 15, "A05010000"),
]
RARE_THING = ("天文望远镜", "台", 9800, 10, "A02000000")
RARE_THING_TERM = "望远"
